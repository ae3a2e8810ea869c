package report

import "github.com/akin-search/akin/internal/picture"

// changed is a picture after a change, made when it is first asked for on each background.
type changed struct {
	of    *picture.Picture
	apply func(*picture.Picture) *picture.Picture // nil changes nothing
	made  map[picture.Background]*picture.Picture
}

func changedOn(of *picture.Picture, apply func(*picture.Picture) *picture.Picture) *changed {
	return &changed{of, apply, map[picture.Background]*picture.Picture{}}
}

// on gives the changed picture as a model sees it that flattens pictures on b. release takes it back.
func (c *changed) on(b picture.Background) *picture.Picture {
	if p, ok := c.made[b]; ok {
		return p
	}
	seen, _ := c.of.On(b)
	p := seen
	if c.apply != nil {
		p = c.apply(seen)
		if seen != c.of {
			seen.Release()
		}
	}
	c.made[b] = p
	return p
}

func (c *changed) release() {
	for _, p := range c.made {
		if p != c.of {
			p.Release()
		}
	}
}
