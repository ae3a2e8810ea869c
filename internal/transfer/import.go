// Package transfer brings embeddings of other programs into a collection, and a collection's embeddings out to files.
package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	w, err := c.Writer()
	if err != nil {
		return api.ImportReport{}, err
	}
	report, err := importRows(ctx, c, w, o, e)
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
	if err := importable(ctx, c, o, fingerprint, names, m); err != nil {
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
	b := record.Batch{}
	for i, name := range names {
		e := record.Embedding{Space: space.ID, Vector: m.Row(i)}
		if of[i] >= 0 {
			e.Hash = contents[s.Pictures.ID(of[i])]
		} else {
			from := record.ImportedSource(name)
			e.Hash = sha256.Sum256([]byte(from))
			b.Puts = append(b.Puts, record.Put{Name: name, Source: from, Hash: e.Hash})
		}
		b.Embeddings = append(b.Embeddings, e)
	}
	return report, w.Commit(ctx, b)
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
			several = append(several, fmt.Sprintf("row %d, %.100q: %v", i+1, name, err))
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
				o.File, first+1, i+1, in.names[first], name, s.Pictures.At(p).Name)
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
func importable(ctx context.Context, c *space.Collection, o api.ImportOptions, fingerprint string, names []string, m vector.Matrix) error {
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
			return fmt.Errorf("import %s: rows %d and %d are both called %q", o.File, first+1, i+1, name)
		}
		row[name] = i
		if copy(unit, m.Row(i)); !vector.Normalize(unit) {
			return fmt.Errorf("import %s: row %d, %q, is zero or not finite: it has no direction", o.File, i+1, name)
		}
	}
	return nil
}
