// Package evidence tells from the pixels of two pictures whether they show the same picture: one
// may be smaller, saved anew with losses, sharpened or blurred, trimmed by a few
// percent, or a little lighter. A changed word, digit or object is another picture, as is a second
// exposure of the same scene.
//
// The two are laid over one another at the resolution of the smaller one (register.go, after
// Lucas and Kanade 1981), then the sharper one is made to look like the other by
// what saving and scaling do to all of a picture: a small kernel, a tone curve, a
// change of colours (fit.go). What is left is compared place by place with what
// is left everywhere (local.go): losses are spread over all that has texture, a change
// stands out where it is. Last, the grain is compared (grain.go): a copy has that of
// its original, a second exposure has its own.
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
	Different Verdict = iota // the pictures differ, in a place that Evidence.At names or all over
	Unsure                   // no difference is seen, but the smaller one is too small to show one
	Same                     // both show the same picture
)

func (v Verdict) String() string { return [...]string{"different", "unsure", "same"}[v] }

// Version changes with whatever changes the evidence of a pair: what was kept of another one is worth nothing.
const Version = 5

// Reason is why two pictures are not told to be the same.
type Reason uint8

// The reasons.
const (
	NoReason  Reason = iota
	Nothing          // one shows nothing
	TooSmall         // one is too small to be compared
	Shape            // another shape
	Part             // another part of a scene, or more of it
	Stretched        // stretched in one direction
	Place            // a place differs: Evidence.At
	Grain            // grain of its own: another exposure
	Writing          // the larger one has writing, or lines, that the smaller one is too small to show
)

var reasons = [...]string{"", "one shows nothing", "too small to be compared", "another shape", "another part", "stretched",
	"a place differs", "another exposure", "too small to show what the larger one has written on it"}

// String says it in a few words; "" is no reason.
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

	// Worst is the largest local difference, by what the losses of the two explain: up to
	// 1 for Same. It is +Inf where the pictures were not laid over one another.
	Worst float64
	At    image.Rectangle // where that is, in pixels of a; empty where there is none
	Level int             // of the scale at which it was seen: its pixels are 2^Level of the smaller picture's

	// Transform tells where a pixel of a lies in b.
	Transform Transform
	Overlap   float64 // share of the smaller picture that the larger one shows

	// Grain is the correlation of what is left of both where hardly anything is drawn: near 1 or
	// well above 0 for copies, near 0 for two exposures. NaN where one has no grain, or a place differs.
	Grain float64
	// Detail is the contrast, 0 to 255, that the larger picture loses at the resolution of the
	// smaller one where it loses most: that of writing, where this cannot be read any more.
	Detail float64
	// Tone is by how many levels of 255 the light or a colour was changed for the comparison, at most.
	Tone float64

	Ground string // what they were compared on: "opaque", "white", "black" or both
}

// Transform maps the middle of a pixel x, y of a to x·ScaleX + ShiftX, y·ScaleY + ShiftY in b.
type Transform struct {
	ScaleX, ScaleY, ShiftX, ShiftY float64
}

// Swapped is the evidence of b and a.
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

// Compare compares two upright pictures; it changes neither. Both may have transparency: then they
// must agree on white and on black. Where only one has, the other may be what is seen of it
// on white, on black, or on what [picture.Auto] chooses.
//
// A picture that shows nothing is the same as no other.
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

// onBoth compares pictures that both have transparency: on white and on black. Where both show nothing
// on one of these, the other decides.
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

// flat is a picture as it is seen on a ground; a picture without transparency is itself.
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

// blankLevels is by how much the values of a channel differ at most in a picture that shows nothing.
const blankLevels = 6

// Blank tells whether a picture without transparency shows nothing: all is one colour.
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
