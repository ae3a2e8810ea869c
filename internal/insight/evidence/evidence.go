// Package evidence decides from the pixels of two pictures whether they show the same picture. One may be
// smaller, compressed again, sharpened or blurred, trimmed by a few percent, or a little lighter. A
// changed word, digit or object makes a different picture, and so does a second exposure of the same scene.
//
// The two are registered at the resolution of the smaller one (register.go, after Lucas and Kanade 1981). Then
// the sharper one is fitted to the other by what compression and scaling do to a picture as a whole: a
// small kernel, a tone curve, a change of colours (fit.go). The residual is compared place by place with the residual
// everywhere (local.go): losses are spread over all texture, a change stands out. Last, the grain is
// compared (grain.go): a copy has the grain of its original, a second exposure has its own.
package evidence

import (
	"image"
	"math"

	"github.com/akin-search/akin/internal/picture"
)

// Verdict is what two pictures are to one another.
type Verdict uint8

// The verdicts. Only Same is evidence for a copy.
const (
	Different Verdict = iota // the pictures differ, at Evidence.At or as a whole
	Unsure                   // no difference is visible, but the smaller one may be too small to show one
	Same                     // both show the same picture
)

func (v Verdict) String() string { return [...]string{"different", "unsure", "same"}[v] }

// Version changes whenever the evidence of a pair may change: evidence stored under another one is discarded.
const Version = 5

// Reason is why the verdict is not Same.
type Reason uint8

// The reasons.
const (
	NoReason  Reason = iota
	Nothing          // one shows nothing
	TooSmall         // one is too small to be compared
	Shape            // different aspect ratio
	Part             // another part of a scene, or more of it
	Stretched        // stretched in one direction
	Place            // a place differs: Evidence.At
	Grain            // grain of its own: another exposure
	Writing          // the larger one has writing or lines that the smaller one is too small to show
)

var reasons = [...]string{"", "one shows nothing", "too small to be compared", "another shape", "another part", "stretched",
	"a place differs", "another exposure", "too small to show what the larger one has written on it"}

// String returns the reason in a few words, or "".
func (r Reason) String() string {
	if int(r) < len(reasons) {
		return reasons[r]
	}
	return "not the same"
}

// Evidence is what the pixels of two pictures, a and b, say.
type Evidence struct {
	Verdict Verdict
	Same    bool   // Verdict is Same
	Reason  Reason // for a verdict that is not Same

	// Worst is the largest local difference, relative to what the losses of the two explain: at most
	// 1 for Same. It is +Inf if the pictures could not be registered.
	Worst float64
	At    image.Rectangle // where that is, in pixels of a; empty if there is none
	Level int             // the scale at which it was found: its pixels are 2^Level pixels of the smaller picture

	// Transform maps a pixel of a to b.
	Transform Transform
	Overlap   float64 // the fraction of the smaller picture that the larger one shows

	// Grain is the correlation of the fine structure of both where there is little else: well above 0 for
	// copies, near 0 for two exposures. It is NaN if one has no grain, or a place differs.
	Grain float64
	// Detail is the contrast, 0 to 255, that the larger picture loses at the resolution of the
	// smaller one, where it loses most: that of writing which becomes illegible.
	Detail float64
	// Tone is the largest change of brightness or colour in the fit, in levels of 255.
	Tone float64

	Ground string // the background of the comparison: "opaque", "white", "black" or both
}

// Transform maps the centre of a pixel x, y of a to x·ScaleX + ShiftX, y·ScaleY + ShiftY in b.
type Transform struct {
	ScaleX, ScaleY, ShiftX, ShiftY float64
}

// Swapped returns the evidence of b and a.
func (e Evidence) Swapped() Evidence {
	t := e.Transform
	if t.ScaleX == 0 || t.ScaleY == 0 {
		return e
	}
	if !e.At.Empty() {
		e.At = image.Rect(int(t.ScaleX*float64(e.At.Min.X)+t.ShiftX), int(t.ScaleY*float64(e.At.Min.Y)+t.ShiftY),
			int(math.Ceil(t.ScaleX*float64(e.At.Max.X)+t.ShiftX)), int(math.Ceil(t.ScaleY*float64(e.At.Max.Y)+t.ShiftY)))
	}
	e.Transform = Transform{1 / t.ScaleX, 1 / t.ScaleY, -t.ShiftX / t.ScaleX, -t.ShiftY / t.ScaleY}
	return e
}

// Compare compares two upright pictures, and changes neither. If both have transparency, they must agree on
// white and on black. If only one has, the other may be what is seen of it on white, on black, or
// on what [picture.Auto] chooses.
//
// A blank picture is the same as no other.
func Compare(a, b *picture.Picture) Evidence {
	switch {
	case a.Alpha == nil && b.Alpha == nil:
		return look(a, b, "opaque")
	case a.Alpha != nil && b.Alpha != nil:
		return onBoth(a, b)
	}
	var best Evidence
	tried := map[picture.Background]bool{}
	for i, ground := range []picture.Background{picture.White, picture.Black, picture.Auto} {
		x, g := flat(a, ground)
		y, h := flat(b, ground)
		if a.Alpha == nil {
			g = h
		}
		var e Evidence
		if !tried[g.Background] || g.Checker {
			tried[g.Background] = true
			e = look(x, y, g.String())
		} else {
			e.Worst = math.Inf(1)
		}
		release(a, x)
		release(b, y)
		if i == 0 || e.Verdict > best.Verdict || e.Verdict == best.Verdict && e.Worst < best.Worst {
			best = e
		}
		if best.Same {
			break
		}
	}
	return best
}

// onBoth compares pictures that both have transparency, on white and on black. If both are blank on one of
// these, the other decides.
func onBoth(a, b *picture.Picture) Evidence {
	var out Evidence
	decided := false
	for _, ground := range []picture.Background{picture.White, picture.Black} {
		x, _ := flat(a, ground)
		y, _ := flat(b, ground)
		bothBlank := Blank(x) && Blank(y)
		var e Evidence
		if !bothBlank {
			e = look(x, y, ground.String())
		}
		release(a, x)
		release(b, y)
		if bothBlank {
			continue
		}
		if !decided || e.Verdict < out.Verdict || e.Verdict == out.Verdict && e.Worst > out.Worst {
			out = e
		}
		decided = true
		if !e.Same {
			return out
		}
	}
	if !decided {
		return blank("white and black")
	}
	return out
}

// flat flattens a picture on a background; a picture without transparency is returned as it is.
func flat(p *picture.Picture, ground picture.Background) (*picture.Picture, picture.Ground) {
	if p.Alpha == nil {
		return p, picture.Ground{}
	}
	out := picture.New(p.Width, p.Height)
	copy(out.Pix, p.Pix)
	out.Alpha = append([]byte(nil), p.Alpha...)
	out.OnWhite = p.OnWhite
	g := out.Flatten(ground)
	return out, g
}

func release(of, p *picture.Picture) {
	if of != p {
		p.Release()
	}
}

func blank(ground string) Evidence {
	return Evidence{Reason: Nothing, Worst: math.Inf(1), Grain: math.NaN(), Ground: ground}
}

// blankLevels is the largest range of a channel in a blank picture.
const blankLevels = 6

// Blank reports whether a picture without transparency has a single colour.
func Blank(p *picture.Picture) bool {
	if len(p.Pix) < 3 {
		return true
	}
	least, most := [3]byte(p.Pix[:3]), [3]byte(p.Pix[:3])
	for i := 0; i+2 < len(p.Pix); i += 3 {
		for c := range 3 {
			v := p.Pix[i+c]
			least[c], most[c] = min(least[c], v), max(most[c], v)
		}
		if i%4095 == 0 && tooWide(least, most) {
			return false
		}
	}
	return !tooWide(least, most)
}

func tooWide(least, most [3]byte) bool {
	return most[0]-least[0] > blankLevels || most[1]-least[1] > blankLevels || most[2]-least[2] > blankLevels
}
