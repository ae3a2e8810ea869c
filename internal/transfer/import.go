// Package transfer brings embeddings of other programs into a collection, and a collection's embeddings out to files.
package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/vector"
)

// maxUnmatched bounds ImportReport.Unmatched.
const maxUnmatched = 1000

// Import adds embeddings that another program made. A row is matched with a picture of the collection by
// path, file name or name. Each other row becomes a picture without a file; when a file of its path, file
// name or name is indexed, it becomes that picture's file. A row that matches several pictures, and a
// picture that several rows match, is an error.
func Import(ctx context.Context, c *space.Collection, o api.ImportOptions) (api.ImportReport, error) {
	e, err := readEmbeddings(o)
	if err != nil {
		return api.ImportReport{}, err
	}
	nan := e.dropNaN()
	if len(e.names) == 0 && len(nan) > 0 {
		return api.ImportReport{}, fmt.Errorf("import %s: every row is NaN", o.File)
	}
	w, err := c.Writer()
	if err != nil {
		return api.ImportReport{}, err
	}
	report, err := importRows(ctx, c, w, o, e)
	report.NaN = nan
	if err == nil {
		err = w.Calibrate(ctx)
	}
	if err == nil {
		err = w.Prepare(ctx, o.Progress)
	}
	c.Mirror.Outdate()
	return report, errors.Join(err, w.Close())
}

func importRows(ctx context.Context, c *space.Collection, w store.Writer, o api.ImportOptions, in embeddings) (api.ImportReport, error) {
	names, m := in.names, in.rows
	report := api.ImportReport{Model: o.Model, Dim: m.Dim, Rows: len(names), Tables: in.tables}
	fingerprint := record.ImportedFingerprint(m.Dim)
	if err := importable(ctx, c, o, fingerprint, in); err != nil {
		return report, err
	}
	s, err := c.Catalog(ctx)
	if err != nil {
		return report, err
	}
	defer s.Close()
	of, err := in.match(s, o, &report)
	if err != nil {
		return report, err
	}
	contents, err := c.Store.ContentHashes(ctx)
	if err != nil {
		return report, err
	}
	space, err := w.Space(ctx, o.Model, fingerprint, m.Dim)
	if err != nil {
		return report, err
	}
	stored, err := storedVectors(ctx, c, space)
	if err != nil {
		return report, err
	}
	b := record.Batch{}
	for i, name := range names {
		e := record.Embedding{Space: space.ID, Vector: m.Row(i)}
		if of[i] >= 0 {
			e.Hash = contents[s.Pictures.ID(of[i])]
			if stored.has(e) {
				report.Unchanged++
				continue
			}
		} else {
			from := record.ImportedSource(name)
			e.Hash = sha256.Sum256([]byte(from))
			b.Puts = append(b.Puts, record.Put{Name: name, Source: from, Hash: e.Hash})
		}
		b.Embeddings = append(b.Embeddings, e)
	}
	if len(b.Embeddings) == 0 {
		return report, nil
	}
	return report, w.Commit(ctx, b)
}

// stored are sums of the unit vectors of a space, by content.
type stored map[record.Hash][sha256.Size]byte

// storedVectors reads what an earlier import has stored.
func storedVectors(ctx context.Context, c *space.Collection, s record.Space) (stored, error) {
	all := stored{}
	if s.Rows == 0 {
		return all, nil
	}
	err := c.Store.Each(ctx, []record.Space{s}, func(pictures []record.Stored) error {
		for _, p := range pictures {
			if v, ok := p.Vectors[s.ID]; ok {
				all[p.Hash] = sumOf(v)
			}
		}
		return nil
	})
	return all, err
}

// has reports whether an embedding is stored with exactly these values.
func (s stored) has(e record.Embedding) bool {
	sum, ok := s[e.Hash]
	if !ok {
		return false
	}
	unit := slices.Clone(e.Vector)
	return vector.Normalize(unit) && sumOf(unit) == sum
}

func sumOf(v []float32) [sha256.Size]byte {
	h := sha256.New()
	_ = vector.WriteFloats(h, v) // a hash takes all
	return [sha256.Size]byte(h.Sum(nil))
}

// match returns the index of each row's picture, or -1.
func (in embeddings) match(s *local.Snapshot, o api.ImportOptions, report *api.ImportReport) ([]int, error) {
	for _, p := range s.Pictures.All() {
		if !record.IsImported(p.Source) {
			report.Files++
		}
	}
	folder, err := filepath.Abs(filepath.Dir(o.File))
	if err != nil {
		return nil, err
	}
	here, err := os.Getwd()
	if err != nil {
		here = folder
	}
	m := newMatcher(s, in.names, folder, here)
	of := make([]int, len(in.names))
	row := map[int]int{} // by picture
	var several []string
	for i, name := range in.names {
		at := ""
		if in.sources != nil {
			at = strings.TrimSpace(in.sources[i])
		}
		p, err := m.find(name, at, &report.MatchedBy)
		if err != nil {
			several = append(several, fmt.Sprintf("row %d, %.100q: %v", in.number(i), name, err))
		}
		of[i] = p
		if p < 0 {
			if report.New++; len(report.Unmatched) < maxUnmatched {
				report.Unmatched = append(report.Unmatched, name)
			}
			continue
		}
		report.Matched++
		if first, twice := row[p]; twice {
			return nil, fmt.Errorf("import %s: rows %d and %d, %.100q and %.100q, are both of the picture %s",
				o.File, in.number(first), in.number(i), in.names[first], name, s.Pictures.At(p).Name)
		}
		row[p] = i
	}
	if n := len(several); n > 0 {
		more := ""
		if n > 3 {
			several, more = several[:3], fmt.Sprintf("; and %d more", n-3)
		}
		return nil, fmt.Errorf("import %s: %s%s", o.File, strings.Join(several, "; "), more)
	}
	return of, nil
}

// importable checks all rows before any is stored, and that the model's name is not taken by embeddings
// that cannot be compared with these.
func importable(ctx context.Context, c *space.Collection, o api.ImportOptions, fingerprint string, in embeddings) error {
	names, m := in.names, in.rows
	spaces, err := c.Store.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, s := range spaces {
		if s.Model == o.Model && s.Fingerprint != fingerprint {
			return fmt.Errorf("import %s: the collection has other embeddings of %s (%d values, fingerprint %.12s), which these cannot be compared with: use another name",
				o.File, o.Model, s.Dim, s.Fingerprint)
		}
	}
	row := map[string]int{}
	unit := make([]float32, m.Dim)
	for i, name := range names {
		if first, twice := row[name]; twice {
			return fmt.Errorf("import %s: rows %d and %d are both called %q", o.File, in.number(first), in.number(i), name)
		}
		row[name] = i
		if copy(unit, m.Row(i)); !vector.Normalize(unit) {
			return fmt.Errorf("import %s: row %d, %q, is zero or not finite: it has no direction", o.File, in.number(i), name)
		}
	}
	return nil
}
