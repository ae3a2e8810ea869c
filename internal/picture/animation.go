package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrStill says that a file is a picture without further frames.
var ErrStill = errors.New("the picture does not move")

// An Animation is a GIF, PNG or WebP file of several frames. Its methods may be called by several goroutines.
type Animation struct {
	Width, Height int
	// Starts are the times at which the frames appear, from 0 on, ascending, and Duration is the end of the last one. As in browsers,
	// a frame of at most 10 ms stays for 100 ms.
	Starts   []time.Duration
	Duration time.Duration
	// Cut says that the file ends within a frame, which is not among them.
	Cut bool
	// First says that the first frame is the picture that [Decode] returns. Of a PNG file that need not be so.
	First bool

	frames []animationFrame
	limits Limits

	mu     sync.Mutex
	canvas *Picture // what is seen after the frame before next, and before it is disposed of
	before *Picture // what was seen before that frame, if it is to be put back
	next   int      // frame to draw
}

// animationFrame is a frame, and how it is drawn on the canvas.
type animationFrame struct {
	still               func() []byte // makes a file of this frame alone
	whole               bool          // which has the size of the canvas
	x, y, width, height int           // on the canvas
	duration            time.Duration
	over                bool // its transparent pixels show what was there, else they clear it
	dispose             disposal
}

// disposal is what becomes of a frame when the next one is drawn.
type disposal byte

const (
	stays disposal = iota
	cleared
	undone
)

// Limits of an animation. Its canvas is kept while frames are read in order.
const (
	animationPixels = 1 << 24
	animationFrames = 100_000
)

// OpenAnimation reads where the frames of a file lie. The data must not change while the animation is used. Errors: ErrStill of a
// picture with one frame, or of another format; ErrCorrupt, ErrTooLarge.
func OpenAnimation(data []byte, lim Limits) (*Animation, error) {
	a := &Animation{limits: lim.filled()}
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("GIF8")):
		err = a.readGIF(data)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		err = a.readPNG(data)
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		err = a.readWebP(data)
	}
	switch {
	case err != nil:
		return nil, err
	case len(a.frames) < 2:
		return nil, ErrStill
	case int64(a.Width)*int64(a.Height) > min(animationPixels, a.limits.Pixels):
		return nil, failf(ErrTooLarge, "an animation of %d x %d pixels is more than the limit of %d", a.Width, a.Height, min(animationPixels, a.limits.Pixels))
	}
	for _, f := range a.frames {
		a.Starts = append(a.Starts, a.Duration)
		if f.duration <= 10*time.Millisecond {
			f.duration = 100 * time.Millisecond
		}
		a.Duration += f.duration
	}
	return a, nil
}

// add adds a frame.
func (a *Animation) add(f animationFrame) error {
	if len(a.frames) >= animationFrames {
		return failf(ErrTooLarge, "an animation of more than %d frames", animationFrames)
	}
	a.frames = append(a.frames, f)
	return nil
}

// Frame returns what is seen while a frame is shown, upright as it is stored. In order they are the fastest.
func (a *Animation) Frame(ctx context.Context, i int) (*Picture, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i < a.next-1 || a.canvas == nil {
		a.canvas, a.before, a.next = a.blank(), nil, 0
	}
	for a.next <= i {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := a.draw(ctx); err != nil {
			a.canvas = nil
			return nil, fmt.Errorf("frame %d: %w", a.next+1, err)
		}
	}
	p := a.canvas.copied()
	p.dropOpaque()
	return p, nil
}

// blank is a canvas on which nothing is drawn.
func (a *Animation) blank() *Picture {
	return &Picture{Width: a.Width, Height: a.Height, Pix: make([]byte, 3*a.Width*a.Height), Alpha: make([]byte, a.Width*a.Height)}
}

func (p *Picture) copied() *Picture {
	return &Picture{Width: p.Width, Height: p.Height, Pix: bytes.Clone(p.Pix), Alpha: bytes.Clone(p.Alpha)}
}

// draw draws the next frame.
func (a *Animation) draw(ctx context.Context) error {
	f := a.frames[a.next]
	drawn, _, err := Decode(ctx, f.still(), a.limits)
	if err != nil {
		return err
	}
	defer drawn.Release()
	if a.next > 0 {
		switch last := a.frames[a.next-1]; {
		case last.dispose == cleared:
			a.canvas.clear(last)
		case last.dispose == undone && a.before != nil:
			a.canvas = a.before
		}
	}
	a.before = nil
	if f.dispose == undone {
		a.before = a.canvas.copied()
	}
	if f.whole {
		f.x, f.y = 0, 0
	}
	a.canvas.draw(drawn, f)
	a.next++
	return nil
}

// clear makes the place of a frame transparent.
func (p *Picture) clear(f animationFrame) {
	for y := max(0, f.y); y < min(p.Height, f.y+f.height); y++ {
		from, to := y*p.Width+min(f.x, p.Width), y*p.Width+min(f.x+f.width, p.Width)
		clear(p.Alpha[from:to])
		clear(p.Pix[3*from : 3*to])
	}
}

// draw draws a frame, as far as it lies on the canvas.
func (p *Picture) draw(frame *Picture, f animationFrame) {
	width := min(frame.Width, p.Width-f.x)
	for y := 0; y < frame.Height && f.y+y < p.Height && width > 0; y++ {
		from, to := y*frame.Width, (f.y+y)*p.Width+f.x
		if frame.Alpha == nil || !f.over {
			copy(p.Pix[3*to:3*(to+width)], frame.Pix[3*from:])
			if frame.Alpha != nil {
				copy(p.Alpha[to:to+width], frame.Alpha[from:])
				continue
			}
			for x := range width {
				p.Alpha[to+x] = 255
			}
			continue
		}
		for x := range width {
			p.drawPixel(to+x, frame.Pix[3*(from+x):], frame.Alpha[from+x])
		}
	}
}

// drawPixel draws a pixel over another one: Porter and Duff's "over" with colours that are not premultiplied.
func (p *Picture) drawPixel(at int, colour []byte, alpha byte) {
	under := p.Alpha[at]
	switch {
	case alpha == 0:
		return
	case alpha == 255 || under == 0:
		copy(p.Pix[3*at:3*at+3], colour)
		p.Alpha[at] = alpha
		return
	}
	above, below := int(alpha)*255, int(under)*(255-int(alpha))
	sum := above + below // 255² is opaque
	for c := range 3 {
		p.Pix[3*at+c] = byte((int(colour[c])*above + int(p.Pix[3*at+c])*below + sum/2) / sum)
	}
	p.Alpha[at] = byte((sum + 127) / 255)
}
