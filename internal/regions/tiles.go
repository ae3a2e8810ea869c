// Package regions embeds overlapping parts of pictures, and finds pictures by the part that is most like a query. A model sees a picture as a
// whole; what is a small thing in it is a large one in one of its regions.
//
// Regions are stored as pictures of a collection of their own, beside the one whose pictures they are of, so that all that is true of a collection
// is true of them: a killed process loses nothing, searches are exact, damage is found and repaired.
package regions

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/akin-search/akin/internal/record"
)

// Box is a region of an upright picture, in its pixels: x, y, width and height.
type Box [4]int

// grids are the scales of tiles: so many along each side, each a share of the side.
var grids = []struct {
	along int
	share float64
}{{3, 1. / 2}, {4, 1. / 3}}

// Most is how many regions a picture has at most.
const Most = 3*3 + 4*4

// leastSide is how many pixels a region has at least along each side: of fewer a model sees nothing.
const leastSide = 32

// Tiles returns the regions of a picture, those of a half of each side before those of a third. Tiles of one grid overlap by a half and a
// third, so that what is smaller than that lies wholly in one of them.
func Tiles(width, height int) (out []Box) {
	for _, g := range grids {
		w, h := int(float64(width)*g.share+0.5), int(float64(height)*g.share+0.5)
		if min(w, h) < leastSide {
			continue
		}
		for row := range g.along {
			for column := range g.along {
				out = append(out, Box{column * (width - w) / (g.along - 1), row * (height - h) / (g.along - 1), w, h})
			}
		}
	}
	return out
}

// region is a region of a content.
type region struct {
	content record.Hash
	box     Box
}

func (r region) hex() string { return hex.EncodeToString(r.content[:]) }

// source is what a region is called in its collection.
func (r region) source() string {
	return fmt.Sprintf("%x %d %d %d %d", r.content, r.box[0], r.box[1], r.box[2], r.box[3])
}

// hash stands for the content of a region.
func (r region) hash() record.Hash { return sha256.Sum256([]byte(r.source())) }

// parseRegion is the opposite of source; ok is false of what is none.
func parseRegion(source string) (r region, ok bool) {
	digits, rest, _ := strings.Cut(source, " ")
	hash, err := hex.DecodeString(digits)
	if err != nil || len(hash) != len(r.content) {
		return r, false
	}
	r.content = record.Hash(hash)
	n, err := fmt.Sscanf(rest, "%d %d %d %d", &r.box[0], &r.box[1], &r.box[2], &r.box[3])
	return r, err == nil && n == 4
}
