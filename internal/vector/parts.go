package vector

import (
	"context"
	"slices"
)

// A search to a target recall goes through the parts of a matrix one by one, and merges what it found. The recall of scaled
// bounds is measured on one part, where the lists that are scanned first set a limit that the others have to reach. Together
// with other parts this limit would come from their lists, and rule out rows that are found alone: of nine tenths that were
// asked for, three parts found six. The hits in a part are its own nearest, so alone it finds at least their share.

// hasTarget reports whether a recall below 1 is enough.
func (o *Options) hasTarget() bool { return o.Recall > 0 && o.Recall < 1 }

// bounds are the bounds that a search of m needs.
func (o *Options) bounds(m Matrix) boundScale {
	switch {
	case o.scale != (boundScale{}):
		return o.scale
	case o.hasTarget():
		return m.scaleFor(o.Recall, o.K, o.Keep != nil)
	}
	return exactBounds
}

// byParts divides a search of m among its parts, where it goes through them one by one; nil where it does not.
func (o *Options) byParts(m Matrix) []partSearch {
	if len(m.Parts) < 2 || !o.hasTarget() && o.extra == 0 && o.scale == (boundScale{}) {
		return nil
	}
	all := o.parts(m)
	walks := func(s partSearch) bool {
		width, _ := s.o.walk(s.m)
		return width > 0
	}
	if all[0].o.scale == exactBounds && !slices.ContainsFunc(all, walks) {
		return nil
	}
	return all
}

// partSearch is a search of one part of a matrix.
type partSearch struct {
	m     Matrix
	first int // its first row
	o     Options
}

// parts divides a search of m among its parts.
func (o *Options) parts(m Matrix) []partSearch {
	all, first, scale := make([]partSearch, len(m.Parts)), 0, o.bounds(m)
	for i, p := range m.Parts {
		s, rows := &all[i], len(p)/m.Dim
		*s = partSearch{Matrix{Dim: m.Dim, Parts: [][]float32{p}}, first, *o}
		if c := m.compact(i); c != nil {
			s.m.Compact = []*Compact{c}
		}
		s.o.scale, s.o.Keep = scale, o.keptFrom(first, rows)
		if o.Tie != nil {
			s.o.Tie = o.Tie[first:]
		}
		first += rows
	}
	return all
}

// keptFrom is the filter of the rows from first on.
func (o *Options) keptFrom(first, rows int) []uint64 {
	if o.Keep == nil || first%64 == 0 {
		return o.Keep[min(len(o.Keep), first/64):]
	}
	kept, from, shift := make([]uint64, (rows+63)/64), o.Keep[first/64:], first%64
	for i := range kept {
		kept[i] = from[i] >> shift
		if i+1 < len(from) {
			kept[i] |= from[i+1] << (64 - shift)
		}
	}
	return kept
}

// searchParts is searchCompact, a part at a time.
func searchParts(ctx context.Context, parts []partSearch, q []float32, o *Options) (hits []Hit, ok bool, err error) {
	t := new(preparedQuery)
	for _, part := range parts {
		var found []Hit
		if c := part.m.compact(0); c == nil {
			found, err = searchPlain(ctx, part.m, q, part.o)
		} else if found, ok = searchGraph(ctx, part.m, q, &part.o); !ok {
			if t.basis != c.basis && !c.prepare(t, q, part.o.scale) {
				return nil, false, nil
			}
			part.o.prepared = t
			found, _, err = searchLists(ctx, part.m, q, &part.o)
		}
		if err != nil {
			return nil, true, err
		}
		hits = appendFrom(hits, found, part.first)
	}
	return o.best(hits), true, nil
}

// searchPartsBatch is searchCompactBatch, a part at a time.
func searchPartsBatch(ctx context.Context, parts []partSearch, queries [][]float32, o *Options) ([][]Hit, error) {
	hits := make([][]Hit, len(queries))
	for _, part := range parts {
		found, err := searchBatch(ctx, part.m, queries, part.o)
		if err != nil {
			return nil, err
		}
		for i := range found {
			hits[i] = appendFrom(hits[i], found[i], part.first)
		}
	}
	for i := range hits {
		hits[i] = o.best(hits[i])
	}
	return hits, nil
}

// appendFrom appends hits of a part whose first row is first.
func appendFrom(to, found []Hit, first int) []Hit {
	for _, h := range found {
		to = append(to, Hit{first + h.Row, h.Score})
	}
	return to
}

// best returns the K best of hits.
func (o *Options) best(hits []Hit) []Hit {
	slices.SortFunc(hits, o.compare)
	if hits == nil {
		return []Hit{}
	}
	return hits[:min(len(hits), max(0, o.K))]
}
