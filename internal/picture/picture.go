// Package picture turns the bytes of an image file into an upright picture of
// 8-bit red, green and blue, and of transparency where the file has any.
//
// The format is determined by a file's content, never by its name. Pixels equal those of
// Pillow's ImageOps.exif_transpose(image).convert("RGB"): the EXIF orientation is applied,
// alpha is separate and not blended, palettes are looked up, the high byte of 16 bits is
// kept, and an animation is its first frame. JPEG is decoded by the system's libjpeg-turbo
// if it is installed, else by Go; HEIC, AVIF, SVG, JPEG XL and JPEG 2000 need the system's libheif,
// librsvg, libjxl and OpenJPEG. These libraries are loaded at run time, see [Decoders].
package picture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"sync"
	"time"
)

// Picture is a decoded image: upright, RGB, 8 bits. Pix alone is the picture as reference
// implementations decode it, without transparency; [Picture.Flatten] makes Pix what a person sees.
type Picture struct {
	Width, Height int
	Pix           []byte // (Height, Width, 3), row-major, no padding
	// Alpha is (Height, Width), from 0 (transparent) to 255 (opaque); nil if all pixels are opaque.
	// Pix is not premultiplied.
	Alpha []byte
	// OnWhite says that Pix is already blended over white, as SVG drawings are: they have no
	// colours where nothing is drawn.
	OnWhite bool
}

// Info is what a file declares.
type Info struct {
	Format        string // the name of one of [Formats]
	Width, Height int    // upright
	Orientation   int    // EXIF, 1 to 8; 1 is upright as stored
	// Taken is EXIF's DateTimeOriginal, in the camera's local time: 2006-01-02T15:04:05, followed
	// by +02:00 if the file has the time zone; "" if it has no date.
	Taken string
	Shot  Shot
}

// Limits bound what decoding one file may cost. Zero values are the defaults.
type Limits struct {
	Pixels int64         // default 178956970, which is Pillow's
	Time   time.Duration // default one minute
}

func (l Limits) filled() Limits {
	if l.Pixels <= 0 {
		l.Pixels = 178_956_970
	}
	if l.Time <= 0 {
		l.Time = time.Minute
	}
	return l
}

// sideLimit is more than any picture's side. What resizes a picture needs memory by its sides, not by its pixels.
const sideLimit = 1 << 20

// check refuses a declared size before memory is allocated for it.
func (l Limits) check(format string, width, height int) error {
	if width <= 0 || height <= 0 {
		return failf(ErrCorrupt, "%s: the picture has no pixels (%d x %d)", byName[format].Title, width, height)
	}
	if int64(width) > l.Pixels/int64(height) {
		return failf(ErrTooLarge, "%s: %d x %d is more than the limit of %d pixels", byName[format].Title, width, height, l.Pixels)
	}
	if max(width, height) > sideLimit {
		return failf(ErrTooLarge, "%s: %d x %d has a side of more than %d pixels", byName[format].Title, width, height, sideLimit)
	}
	return nil
}

// Errors of Decode and Inspect, for errors.Is. Their messages do not name the file.
var (
	ErrFormat    = errors.New("not a picture that akin knows")
	ErrCorrupt   = errors.New("the picture is damaged")
	ErrTooLarge  = errors.New("the picture is too large")
	ErrNoDecoder = errors.New("no decoder for this kind of picture")
)

// failure has its own text and wraps one of the errors above.
type failure struct {
	kind error
	text string
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.kind }

func failf(kind error, format string, args ...any) error {
	return &failure{kind, fmt.Sprintf(format, args...)}
}

// Decode decodes a picture. [Picture.Release] lets its memory be reused.
func Decode(ctx context.Context, data []byte, lim Limits) (*Picture, Info, error) {
	return decode(ctx, data, lim, [2]int{})
}

// decode is DecodeReduced where the sides that are enough are not 0.
func decode(ctx context.Context, data []byte, lim Limits, enough [2]int) (p *Picture, info Info, err error) {
	lim = lim.filled()
	if err := ctx.Err(); err != nil {
		return nil, Info{}, err
	}
	src := newSource(ctx, data, lim)
	src.decoding = true
	defer src.close()
	f, err := src.open()
	if err != nil {
		return nil, Info{}, err
	}
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, failf(ErrCorrupt, "%s: the decoder gave up: %v", src.title(), r)
		}
	}()
	info, err = f.inspect(src)
	if err != nil {
		return nil, info, src.explain(err)
	}
	// info is upright; the decoders work on the pixels as stored.
	stored := info
	if info.Orientation >= 5 {
		stored.Width, stored.Height = info.Height, info.Width
	}
	if err := src.stopped(); err != nil {
		return nil, info, err
	}
	if width, height := enough[0], enough[1]; f.reduce != nil && min(width, height) > 0 && (width < info.Width || height < info.Height) {
		if info.Orientation >= 5 {
			width, height = height, width
		}
		if p, err = f.reduce(src, stored, width, height); err != nil {
			return nil, info, src.explain(err)
		}
		if p != nil {
			p.dropOpaque()
			return upright(p, info.Orientation), info, nil
		}
	}
	p, err = f.decode(src, stored)
	if err != nil {
		return nil, info, src.explain(err)
	}
	if p.Width != stored.Width || p.Height != stored.Height {
		p.Release()
		return nil, info, failf(ErrCorrupt, "%s: %d x %d pixels where the header says %d x %d",
			src.title(), p.Width, p.Height, stored.Width, stored.Height)
	}
	p.dropOpaque()
	return upright(p, info.Orientation), info, nil
}

// Inspect is InspectContext without a context.
func Inspect(data []byte, lim Limits) (Info, error) {
	return InspectContext(context.Background(), data, lim)
}

// InspectContext reads the header only. It fills info even if the picture exceeds the limit of
// pixels. HEIC, AVIF and SVG files are parsed completely, which can take up to the limit of time.
func InspectContext(ctx context.Context, data []byte, lim Limits) (info Info, err error) {
	lim = lim.filled()
	src := newSource(ctx, data, lim)
	defer src.close()
	src.lim.Pixels = 1 << 62
	f, err := src.open()
	if err != nil {
		return Info{}, err
	}
	defer func() {
		if r := recover(); r != nil {
			err = failf(ErrCorrupt, "%s: the decoder gave up: %v", src.title(), r)
		}
	}()
	if info, err = f.inspect(src); err != nil {
		return info, src.explain(err)
	}
	return info, lim.check(info.Format, info.Width, info.Height)
}

// source is a file that is being decoded.
type source struct {
	ctx    context.Context
	data   []byte
	lim    Limits
	format string

	cancel context.CancelCauseFunc
	clock  *time.Timer // cancels ctx at end; nil in tests of decoders
	end    time.Time

	// What inspect opened, so that decode does not open it again.
	decoding bool
	heif     *heifPicture
	svg      *svgDrawing
	coded    *codedPicture
}

// newSource returns a source whose time limit starts now. It must be closed.
func newSource(ctx context.Context, data []byte, lim Limits) *source {
	ctx, cancel := context.WithCancelCause(ctx)
	s := &source{ctx: ctx, data: data, lim: lim, cancel: cancel, end: time.Now().Add(lim.Time)}
	s.clock = time.AfterFunc(lim.Time, s.late)
	return s
}

func (s *source) late() {
	s.cancel(failf(ErrTooLarge, "decoding takes longer than the limit of %v", s.lim.Time))
}

func (s *source) close() {
	if s.clock != nil {
		s.clock.Stop()
		defer s.cancel(nil)
	}
	if s.heif != nil {
		s.heif.close()
	}
	if s.svg != nil {
		s.svg.close()
	}
	if s.coded != nil {
		s.coded.close()
	}
}

// title is the format for messages.
func (s *source) title() string { return byName[s.format].Title }

func (s *source) open() (*Format, error) {
	if len(s.data) == 0 {
		return nil, failf(ErrFormat, "the file is empty")
	}
	s.format = Sniff(s.data)
	if s.format == "" {
		return nil, failf(ErrFormat, "not a picture that akin knows%s", resembles(s.data))
	}
	return byName[s.format], nil
}

// stopped returns why decoding must end, nil while it may go on.
func (s *source) stopped() error {
	if s.clock != nil && !time.Now().Before(s.end) { // the timer may lag
		s.late()
	}
	if s.ctx.Err() == nil {
		return nil
	}
	return context.Cause(s.ctx)
}

// canvas refuses a canvas that is much larger than a file of that size can fill.
func (s *source) canvas(width, height int) error {
	if int64(width)*int64(height) > 1<<24+4096*int64(len(s.data)) {
		return s.corrupt("a canvas of %d x %d in a file of %d bytes", width, height, len(s.data))
	}
	return nil
}

func (s *source) corrupt(format string, args ...any) error {
	return failf(ErrCorrupt, s.title()+": "+format, args...)
}

func (s *source) unsupported(format string, args ...any) error {
	return failf(ErrFormat, s.title()+": "+format, args...)
}

func (s *source) truncated() error {
	return s.corrupt("truncated after %d bytes", len(s.data))
}

// reader is an io.Reader, io.ByteReader and io.ReaderAt that fails once its source is stopped.
type reader struct {
	src *source
	off int64
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.src.stopped(); err != nil {
		return 0, err
	}
	if r.off >= int64(len(r.src.data)) {
		return 0, io.EOF
	}
	n := copy(p, r.src.data[r.off:])
	r.off += int64(n)
	return n, nil
}

func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	if err := r.src.stopped(); err != nil {
		return 0, err
	}
	if off < 0 || off >= int64(len(r.src.data)) {
		return 0, io.EOF
	}
	n := copy(p, r.src.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Pixel buffers have size classes an eighth of a power of two apart, so that a pool serves
// pictures of about the same size and wastes at most an eighth.
var pools [64 * 8]sync.Pool

func class(size int) (index, capacity int) {
	if size <= 64 {
		return 0, 64
	}
	step := bits.Len(uint(size-1)) - 4
	eighths := (size - 1) >> step // 8 to 15
	return step*8 + eighths - 7, (eighths + 1) << step
}

// New returns a picture with undefined contents. Its buffer comes from a pool.
func New(width, height int) *Picture {
	size := 3 * width * height
	index, capacity := class(size)
	if p, ok := pools[index].Get().(*Picture); ok {
		pix := p.Pix[:size]
		return &Picture{Width: width, Height: height, Pix: pix}
	}
	return &Picture{Width: width, Height: height, Pix: make([]byte, size, capacity)}
}

// Release returns the buffer back to the pool; p must not be used afterwards.
func (p *Picture) Release() {
	if p == nil || cap(p.Pix) == 0 {
		return
	}
	if index, capacity := class(cap(p.Pix)); capacity == cap(p.Pix) {
		pools[index].Put(&Picture{Pix: p.Pix})
	}
	*p = Picture{}
}
