package container

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/picture"
)

// An animation is a picture, and a container of its further frames.
var animationKind = Kind{Name: "animation", Endings: []string{".gif", ".png", ".apng", ".webp"}, Sampled: Frames, Still: true, Open: openAnimation}

// animationBytes is more than any animation that is watched.
const animationBytes = 1 << 30

type animation struct {
	*picture.Animation
	f       *os.File
	modTime time.Time
	title   string
}

func openAnimation(_ context.Context, f *os.File) (Container, error) {
	c, err := newAnimation(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return c, nil
}

func newAnimation(f *os.File) (*animation, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !moves(f, info.Size()) {
		return nil, picture.ErrStill
	}
	if info.Size() > animationBytes {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrFile, animationBytes)
	}
	data := make([]byte, info.Size())
	if _, err := f.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	a, err := picture.OpenAnimation(data, picture.Limits{})
	switch {
	case errors.Is(err, picture.ErrStill):
		return nil, err
	case err != nil:
		if _, damaged := picture.Inspect(data, picture.Limits{}); damaged != nil {
			return nil, picture.ErrStill // who reads the picture is told
		}
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return &animation{Animation: a, f: f, modTime: sampledTime(info, ""), title: titleOf(f)}, nil
}

// moves reports whether a file may have several frames, by a few bytes of it: most PNG and WebP files have one.
func moves(f io.ReaderAt, size int64) bool {
	var head [64]byte
	n, _ := f.ReadAt(head[:], 0)
	data := head[:n]
	switch {
	case bytes.HasPrefix(data, []byte("GIF8")):
		return true
	case len(data) > 20 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return string(data[12:16]) == "VP8X" && data[20]&2 != 0
	case !bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return false
	}
	for at := int64(8); at < size; { // what makes a PNG file move comes before its pixels
		if n, _ := f.ReadAt(head[:8], at); n < 8 {
			return false
		}
		switch string(head[4:8]) {
		case "acTL":
			return true
		case "IDAT", "IEND":
			return false
		}
		at += 12 + int64(binary.BigEndian.Uint32(head[:]))
	}
	return false
}

// Members lists none: Sample chooses some, and Find finds any by its time.
func (c *animation) Members() []Member { return nil }

// Flaws says where the file is cut off.
func (c *animation) Flaws() []error {
	if c.Cut {
		return []error{fmt.Errorf("it ends within a frame: %d before that are read", len(c.Starts))}
	}
	return nil
}

// Sample returns the frames that are seen in the middle of n equal parts of the time, each once. The first frame, which is the
// picture that the file is without this, is left out.
func (c *animation) Sample(n int) []Member {
	var all []Member
	last := -1
	if c.First {
		last = 0
	}
	part := float64(c.Duration) / float64(n)
	for i := range n {
		at := time.Duration((float64(i) + 0.5) * part)
		frame, found := slices.BinarySearch(c.Starts, at)
		if !found {
			frame--
		}
		if frame > last {
			all, last = append(all, c.at(frame)), frame
		}
	}
	return all
}

func (c *animation) at(frame int) Member {
	name := frameName(c.Starts[frame])
	return Member{Name: name, ModTime: c.modTime, Title: c.title + " " + strings.TrimPrefix(name, framePrefix), At: int64(frame)}
}

// Find finds the frame that begins at a time.
func (c *animation) Find(name string) (Member, bool) {
	t, ok := frameTime(name)
	if !ok {
		return Member{}, false
	}
	i, _ := slices.BinarySearchFunc(c.Starts, t, func(s, t time.Duration) int { return int(s.Milliseconds() - t.Milliseconds()) })
	if i == len(c.Starts) || frameName(c.Starts[i]) != name {
		return Member{}, false
	}
	return c.at(i), true
}

// Read returns a frame as PNG.
func (c *animation) Read(ctx context.Context, m Member, limit int64) ([]byte, error) {
	p, err := c.Frame(ctx, int(m.At))
	if err != nil {
		return nil, err
	}
	seen := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
	for i := range p.Width * p.Height {
		copy(seen.Pix[4*i:], p.Pix[3*i:3*i+3])
		seen.Pix[4*i+3] = 255
		if p.Alpha != nil {
			seen.Pix[4*i+3] = p.Alpha[i]
		}
	}
	out := atMost{left: limit}
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, seen); err != nil {
		return nil, fmt.Errorf("%w: its picture has more than %d bytes", ErrTooLong, limit)
	}
	return out.Bytes(), nil
}

// atMost is a buffer of so many bytes.
type atMost struct {
	bytes.Buffer
	left int64
}

func (b *atMost) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, ErrTooLong
	}
	return b.Buffer.Write(p)
}

// Close closes the file.
func (c *animation) Close() error { return c.f.Close() }
