package report

import "github.com/akin-search/akin/internal/picture"

// changed is a picture after a change. It is made on first use, once for each background.
type changed struct {
	of    *picture.Picture
	apply func(*picture.Picture) *picture.Picture // nil leaves the picture as it is
	made  map[picture.Background]*picture.Picture
}

func changedOn(of *picture.Picture, apply func(*picture.Picture) *picture.Picture) *changed {
	return &changed{of, apply, map[picture.Background]*picture.Picture{}}
}

// on returns the changed picture as a model sees it that flattens pictures on b. It is valid until
// release.
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
