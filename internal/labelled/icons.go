package labelled

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// iconSet is an icons.json: drawings without their <svg> element, and what most of them have in common.
type iconSet struct {
	Icons map[string]icon `json:"icons"`
	box
}

type icon struct {
	Body   string `json:"body"`
	Hidden bool   `json:"hidden"` // outdated, or a duplicate
	box
}

// box is the part of the plane that a drawing fills.
type box struct {
	Left   *float64 `json:"left"`
	Top    *float64 `json:"top"`
	Width  *float64 `json:"width"`
	Height *float64 `json:"height"`
}

// iconSide is the format's default width and height.
const iconSide = 16.

// artworks returns the drawings that a rule takes, in the order of their names.
func (s iconSet) artworks(r rule, points map[string]string) []artwork {
	var all []artwork
	seen := map[string]bool{}
	add := func(group, name string) {
		i, ok := s.Icons[name]
		if group == "" || !ok || seen[group] || i.Hidden && !r.points {
			return
		}
		seen[group] = true
		all = append(all, artwork{group, s.svg(i), ".svg"})
	}
	if r.points {
		for _, of := range slices.Sorted(maps.Keys(points)) {
			add(r.group(of), points[of])
		}
		return all
	}
	for _, name := range slices.Sorted(maps.Keys(s.Icons)) {
		add(r.group(name), name)
	}
	return all
}

func (s iconSet) svg(i icon) []byte {
	zero, side := 0., iconSide
	left, top := *cmp.Or(i.Left, s.Left, &zero), *cmp.Or(i.Top, s.Top, &zero)
	width, height := *cmp.Or(i.Width, s.Width, &side), *cmp.Or(i.Height, s.Height, &side)
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="%g %g %g %g" width="%g" height="%g">%s</svg>`,
		left, top, width, height, width, height, i.Body)
}
