package duplicates

import (
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/source"
)

// Moves makes groups for RemoveDuplicates of what someone chose to move, pair by pair: each duplicate and the copy that
// stays. It checks that the two were found to be duplicates of each other. Every copy of a group was compared with the
// best alone, so of two others only those with the same bytes are duplicates for sure.
func Moves(d api.Duplicates, chosen []api.DuplicateMove) ([]api.DuplicateGroup, error) {
	groups := map[string]*api.DuplicateGroup{} // by source
	for g := range d.Groups {
		for _, c := range d.Groups[g].Copies {
			groups[c.Source] = &d.Groups[g]
		}
	}
	moved := map[string]bool{}
	for _, m := range chosen {
		if moved[m.Source] {
			return nil, api.Invalidf("move %s: it is named twice", m.Source)
		}
		moved[m.Source] = true
	}
	var out []api.DuplicateGroup
	for _, m := range chosen {
		g := groups[m.Source]
		if g == nil || groups[m.Kept] != g || m.Source == m.Kept {
			return nil, api.Invalidf("move %s: it is in no group of duplicates with %s", m.Source, m.Kept)
		}
		if moved[m.Kept] {
			return nil, api.Invalidf("move %s: %s, which is to stay, is to be moved as well", m.Source, m.Kept)
		}
		one, err := moveOf(g, m)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// moveOf makes a group of one duplicate and the copy that stays; its links come with it, to be reported.
func moveOf(g *api.DuplicateGroup, m api.DuplicateMove) (api.DuplicateGroup, error) {
	out := api.DuplicateGroup{ID: g.ID, Kind: g.Kind, Why: "chosen"}
	var goes, stays, best api.Duplicate
	for _, c := range g.Copies {
		if c.Best {
			best = c
		}
		switch c.Source {
		case m.Source:
			goes = c
		case m.Kept:
			stays = c
		default:
			if c.Link != "" {
				c.Best, c.Remove = false, false
				out.Copies = append(out.Copies, c)
			}
		}
	}
	why := ""
	switch {
	case goes.Reference:
		why = "it is in a reference folder"
	case goes.Reviewed:
		why = "it was reviewed, and stays"
	case goes.Link != "" || source.IsAddress(goes.Source):
		why = "it is a link or an address: only files are moved"
	case source.IsMember(goes.Source):
		why = inContainer(goes.Source).Error()
	case source.IsAddress(stays.Source):
		why = m.Kept + ", which is to stay, is an address, and may be gone tomorrow"
	case goes.SHA256 == stays.SHA256:
	case stays.SHA256 == best.SHA256 && goes.Remove:
	case goes.SHA256 == best.SHA256 && (stays.Remove || !g.Unsure):
	case stays.SHA256 == best.SHA256 || goes.SHA256 == best.SHA256:
		why = "it is too unlike " + m.Kept + " to be moved for sure"
	default:
		why = "it was not compared with " + m.Kept + ", but with another copy: find duplicates again"
	}
	if why != "" {
		return out, api.Invalidf("move %s: %s", m.Source, why)
	}
	goes.Best, goes.Remove, goes.Chosen = false, true, false
	stays.Best, stays.Remove = true, false
	out.Copies = append([]api.Duplicate{stays, goes}, out.Copies...)
	return out, nil
}
