package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/vector"
)

// npyLimit bounds what Import and SearchFile take of a .npy or .faiss file.
const maxFileBytes = 64 << 30

// mostUnmatched bounds ImportReport.Unmatched.
const maxUnmatched = 1000

// Import takes in embeddings that another program made. A row whose path, file name or name
// a picture of the collection has gives that picture its embedding; another becomes a picture
// without a file, which a file of that path, file name or name takes over when it is indexed.
// Rows that can be of several pictures, and pictures that several rows are of, are refused.
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

// match gives the picture of every row, or -1.
func (in embeddings) match(s *local.Snapshot, o api.ImportOptions, report *api.ImportReport) ([]int, error) {
	for _, p := range s.Pictures.All() {
		if !strings.HasPrefix(p.Source, record.ImportedSource("")) {
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
	row := map[int]int{} // of a picture
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

// importable checks all rows before anything is made of them, and that the model's
// name is not taken by embeddings that these cannot be compared with.
func importable(ctx context.Context, c *space.Collection, o api.ImportOptions, fingerprint string, names []string, m vector.Matrix) error {
	spaces, err := c.Store.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, s := range spaces {
		if s.Model == o.Model && s.Fingerprint != fingerprint {
			return fmt.Errorf("import %s: the collection has embeddings of %s that come from elsewhere (%d values, fingerprint %.12s): import these under another name",
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

// embeddings are a file's rows, and what they are of.
type embeddings struct {
	names   []string
	sources []string // paths or addresses beside the names; nil where there are none
	rows    vector.Matrix
	tables  []api.Understood
}

func (in *embeddings) understood(file string, u api.Understood) {
	u.File = file
	if u.Told() {
		in.tables = append(in.tables, u)
	}
}

// readEmbeddings reads a file of embeddings and the names of its rows.
func readEmbeddings(o api.ImportOptions) (in embeddings, err error) {
	file := o.File
	f, err := os.Open(file)
	if err != nil {
		return in, fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	format := FormatOf(file)
	if format == "csv" || format == "tsv" || format == "txt" {
		csv, err := vector.ReadCSV(f, o.Columns)
		if err != nil {
			return in, fmt.Errorf("import %s: %w", file, err)
		}
		in = embeddings{names: csv.Names, sources: csv.Sources, rows: csv.Rows}
		in.understood(file, csv.Columns)
		return in, nil
	}
	if o.Names == "" {
		return in, fmt.Errorf("import %s: whose rows are these? --names FILE has a name a line", file)
	}
	var ids []int64
	if format == "faiss" {
		in.rows, ids, err = vector.ReadFAISS(f, maxFileBytes)
	} else {
		in.rows, err = vector.ReadNPY(f, maxFileBytes)
	}
	if err != nil {
		return in, fmt.Errorf("import %s: %w", file, err)
	}
	want := in.rows.Rows()
	if ids != nil {
		want = -1
	}
	list, err := readNames(o.Names, want, o.Columns)
	if err != nil {
		return in, err
	}
	in.names, in.sources = list.names, list.paths
	in.understood(o.Names, list.columns)
	if ids != nil {
		if in.names, err = namesOf(ids, list.names); err == nil && list.paths != nil {
			in.sources, err = namesOf(ids, list.paths)
		}
		if err != nil {
			return in, fmt.Errorf("import %s: %w in %s", file, err, o.Names)
		}
	}
	if n := len(in.names); n != in.rows.Rows() {
		return in, fmt.Errorf("import %s: it has %d rows, and %s has %d names", file, in.rows.Rows(), o.Names, n)
	}
	return in, nil
}

// namesOf gives the names of rows that have ids: id 0 is the first line's.
func namesOf(ids []int64, lines []string) ([]string, error) {
	names := make([]string, len(ids))
	for i, id := range ids {
		if id < 0 || id >= int64(len(lines)) {
			return nil, fmt.Errorf("row %d has the id %d, which is none of the %d lines (from 0)", i, id, len(lines))
		}
		names[i] = lines[id]
	}
	return names, nil
}

// FormatOf is the format that a file of embeddings has by its name: "csv", "npy",
// "faiss", or its extension.
func FormatOf(path string) string {
	return strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
}

// Exported is the embeddings of one model, by picture.
type Exported struct {
	Model   string
	Names   []string
	vectors vector.Matrix
}

// Export gives the unit vectors of a model, in the order of the collection.
func Export(ctx context.Context, c *space.Collection, model string) (Exported, error) {
	var out Exported
	err := Exporting(ctx, c, model, func(e Exported) error {
		out = e
		out.vectors.Parts = [][]float32{slices.Concat(e.vectors.Parts...)}
		return nil
	})
	return out, err
}

// Exporting calls use with what Export gives, where it lies: the vectors take no memory,
// and are gone when use returns.
func Exporting(ctx context.Context, c *space.Collection, model string, use func(Exported) error) (err error) {
	defer disk.Catch(&err)()
	v, err := c.OpenSpace(ctx, model)
	if err != nil {
		return err
	}
	defer v.Close()
	e := Exported{Model: v.Model, vectors: vector.Matrix{Dim: v.Space.Dim}}
	for _, p := range v.Pictures.All() {
		if p.Row < 0 {
			continue
		}
		e.Names = append(e.Names, strings.Clone(p.Name))
		e.vectors.Parts = append(e.vectors.Parts, v.Matrix.Row(p.Row))
	}
	return use(e)
}

// Write writes the vectors as "csv" (with names), "npy" or "faiss", an IndexFlatIP
// (without).
func (e Exported) Write(w io.Writer, format string) error {
	switch format {
	case "csv":
		return vector.WriteCSV(w, e.Names, e.vectors)
	case "npy":
		return vector.WriteNPY(w, e.vectors)
	case "faiss":
		return vector.WriteFAISS(w, e.vectors)
	}
	return api.Invalidf("export: no format %q, only csv, npy and faiss", format)
}

// SearchFile searches with each row of a .npy file, (n, dim), normalised here.
func SearchFile(ctx context.Context, c *space.Collection, path string, o api.SearchOptions) (api.VectorsResult, error) {
	f, err := os.Open(path)
	if err != nil {
		return api.VectorsResult{}, fmt.Errorf("search: %w", err)
	}
	defer f.Close()
	m, err := vector.ReadNPY(f, maxFileBytes)
	if err != nil {
		return api.VectorsResult{}, fmt.Errorf("search with %s: %w", path, err)
	}
	for i := range m.Rows() {
		if !vector.Normalize(m.Row(i)) {
			return api.VectorsResult{}, fmt.Errorf("search with %s: row %d is zero or not finite: it has no direction", path, i)
		}
	}
	r, err := c.SearchVectors(ctx, m, o)
	if err != nil {
		return r, fmt.Errorf("search with %s: %w", path, err)
	}
	return r, nil
}

// Vector is the unit vector of picture i of Names.
func (e Exported) Vector(i int) []float32 { return e.vectors.Row(i) }
