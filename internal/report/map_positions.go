package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"path/filepath"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight/layout"
	"github.com/akin-search/akin/internal/space"
)

// The positions of a map are stored in DIR/maps/KEY.map, where KEY hashes the spaces' fingerprints and the
// layout's parameters: a magic number, the count, the key and position of each node, and the
// SHA-256 of all that. The files are derived and may be deleted; the next map is then laid out anew.
var mapMagic = [8]byte{'a', 'k', 'i', 'n', 'm', 'a', 'p', 1}

type mapRecord struct {
	Key  mapKey
	X, Y float32
}

// mapFiles returns where the positions and the clusters of a map are stored.
func mapFiles(dir string, spaces []*space.Space, o api.MapOptions) (positions, clusters string) {
	h := sha256.New()
	for _, v := range spaces {
		fmt.Fprintf(h, "%s\n%s\n", v.Model, v.Space.Fingerprint)
	}
	fmt.Fprintf(h, "%d %g %d", o.Neighbors, o.MinDist, o.Seed)
	base := filepath.Join(dir, "maps", hex.EncodeToString(h.Sum(nil)[:12]))
	h.Reset()
	fmt.Fprintf(h, "%d %q", o.MinCluster, o.Words)
	return base + ".map", base + "-" + hex.EncodeToString(h.Sum(nil)[:6]) + ".clusters"
}

// readMap returns the stored positions; none if the file is missing or damaged.
func readMap(path string) map[mapKey]layout.Point {
	known := map[mapKey]layout.Point{}
	data, err := disk.Read(path)
	if err != nil || len(data) < len(mapMagic)+8+sha256.Size || !bytes.HasPrefix(data, mapMagic[:]) {
		return known
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
		return known
	}
	body = body[len(mapMagic):]
	records := make([]mapRecord, (len(body)-8)/binary.Size(mapRecord{}))
	if binary.LittleEndian.Uint64(body) != uint64(len(records)) {
		return known
	}
	if _, err := binary.Decode(body[8:], binary.LittleEndian, records); err != nil {
		return known
	}
	for _, r := range records {
		if x := float64(r.X + r.Y); !math.IsNaN(x) && !math.IsInf(x, 0) {
			known[r.Key] = layout.Point{r.X, r.Y}
		}
	}
	return known
}

// writeMap replaces the stored positions. Readers see the old or the new ones.
func writeMap(path string, keys []mapKey, points []layout.Point) (err error) {
	records := make([]mapRecord, len(keys))
	for i, key := range keys {
		records[i] = mapRecord{key, points[i][0], points[i][1]}
	}
	data := append([]byte(nil), mapMagic[:]...)
	data = binary.LittleEndian.AppendUint64(data, uint64(len(records)))
	if data, err = binary.Append(data, binary.LittleEndian, records); err != nil {
		return err
	}
	return replaceIn(path, data)
}

// replaceIn replaces a file by data and its SHA-256, in a folder that it may have to make.
func replaceIn(path string, data []byte) error {
	sum := sha256.Sum256(data)
	dir, err := disk.Folder(disk.OS, filepath.Dir(filepath.Dir(path)), 0o777, filepath.Base(filepath.Dir(path)))
	if err != nil {
		return err
	}
	return disk.Replace(filepath.Join(dir, filepath.Base(path)), append(data, sum[:]...), 0o666)
}
