package akin

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/vector"
)

// npyLimit bounds what Import and SearchFile take of a .npy or .faiss file.
const npyLimit = 64 << 30

// ImportOptions say which embeddings to take in.
type ImportOptions struct {
	Model string // the space to fill
	File  string // .csv or .npy
	Names string // for .npy and .faiss: a file with a name a line

	// Progress hears how many vectors were put in order for searches, of all that are
	// to be, once all are stored; nil is fine.
	Progress func(ordered, toOrder int)
}

// ImportReport tells what Import did.
type ImportReport struct {
	Model   string `json:"model"`
	Dim     int    `json:"dim"`
	Rows    int    `json:"rows"`
	Matched int    `json:"matched"` // rows whose name a picture of the collection had
}

// Import takes in embeddings that another program made. A row whose name the
// collection has gives that picture its embedding; another name becomes a picture
// without a file, which a file of that name takes over when it is indexed.
func (c *Collection) Import(ctx context.Context, o ImportOptions) (ImportReport, error) {
	names, m, err := readEmbeddings(o.File, o.Names)
	if err != nil {
		return ImportReport{}, err
	}
	w, err := c.writer()
	if err != nil {
		return ImportReport{}, err
	}
	report, err := c.importRows(ctx, w, o, names, m)
	if err == nil {
		err = w.Calibrate(ctx)
	}
	if err == nil {
		err = w.Prepare(ctx, o.Progress)
	}
	c.mirror.outdate()
	return report, errors.Join(err, w.Close())
}

func (c *Collection) importRows(ctx context.Context, w writer, o ImportOptions, names []string, m vector.Matrix) (ImportReport, error) {
	report := ImportReport{Model: o.Model, Dim: m.Dim, Rows: len(names)}
	fingerprint := collection.ImportedFingerprint(m.Dim)
	if err := c.importable(ctx, o, fingerprint, names, m); err != nil {
		return report, err
	}
	space, err := w.Space(ctx, o.Model, fingerprint, m.Dim)
	if err != nil {
		return report, err
	}
	s, err := c.catalog(ctx)
	if err != nil {
		return report, err
	}
	defer s.Close()
	contents, err := c.store.ContentHashes(ctx)
	if err != nil {
		return report, err
	}
	b := collection.Batch{}
	for i, name := range names {
		e := collection.Embedding{Space: space.ID, Vector: m.Row(i)}
		p, err := s.Lookup(name)
		switch {
		case err == nil:
			e.Hash = contents[p.ID]
			report.Matched++
		case errors.Is(err, ErrNotIndexed):
			from := collection.ImportedSource(name)
			e.Hash = sha256.Sum256([]byte(from))
			b.Puts = append(b.Puts, collection.Put{Name: name, Source: from, Hash: e.Hash})
		default:
			return report, fmt.Errorf("import %s: row %d: %w", o.File, i+1, err)
		}
		b.Embeddings = append(b.Embeddings, e)
	}
	return report, w.Commit(ctx, b)
}

// importable checks all rows before anything is made of them, and that the model's
// name is not taken by embeddings that these cannot be compared with.
func (c *Collection) importable(ctx context.Context, o ImportOptions, fingerprint string, names []string, m vector.Matrix) error {
	spaces, err := c.store.Spaces(ctx)
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

// readEmbeddings reads a file of embeddings and the names of its rows.
func readEmbeddings(file, namesFile string) ([]string, vector.Matrix, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, vector.Matrix{}, fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	if FormatOf(file) == "csv" {
		names, _, m, err := vector.ReadCSV(f)
		if err != nil {
			return nil, vector.Matrix{}, fmt.Errorf("import %s: %w", file, err)
		}
		return names, m, nil
	}
	if namesFile == "" {
		return nil, vector.Matrix{}, fmt.Errorf("import %s: whose rows are these? --names FILE has a name a line", file)
	}
	var m vector.Matrix
	var ids []int64
	if FormatOf(file) == "faiss" {
		m, ids, err = vector.ReadFAISS(f, npyLimit)
	} else {
		m, err = vector.ReadNPY(f, npyLimit)
	}
	if err != nil {
		return nil, vector.Matrix{}, fmt.Errorf("import %s: %w", file, err)
	}
	names, err := readLines(namesFile)
	if err != nil {
		return nil, vector.Matrix{}, err
	}
	if ids != nil {
		if names, err = namesOf(ids, names); err != nil {
			return nil, vector.Matrix{}, fmt.Errorf("import %s: %w in %s", file, err, namesFile)
		}
	}
	if len(names) != m.Rows() {
		return nil, vector.Matrix{}, fmt.Errorf("import %s: it has %d rows, and %s has %d names", file, m.Rows(), namesFile, len(names))
	}
	return names, m, nil
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

func readLines(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	defer f.Close()
	var lines []string
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		line := strings.TrimRight(s.Text(), "\r")
		if line == "" {
			return nil, fmt.Errorf("read names: %s: line %d is empty", path, len(lines)+1)
		}
		lines = append(lines, line)
	}
	return lines, s.Err()
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
func (c *Collection) Export(ctx context.Context, model string) (Exported, error) {
	var out Exported
	err := c.Exporting(ctx, model, func(e Exported) error {
		out = e
		out.vectors.Parts = [][]float32{slices.Concat(e.vectors.Parts...)}
		return nil
	})
	return out, err
}

// Exporting calls use with what Export gives, where it lies: the vectors take no memory,
// and are gone when use returns.
func (c *Collection) Exporting(ctx context.Context, model string, use func(Exported) error) (err error) {
	defer disk.Catch(&err)()
	v, err := c.view(ctx, model)
	if err != nil {
		return err
	}
	defer v.Close()
	e := Exported{Model: v.model, vectors: vector.Matrix{Dim: v.Space.Dim}}
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
	return invalidf("export: no format %q, only csv, npy and faiss", format)
}

// SearchFile searches with each row of a .npy file, (n, dim), normalised here.
func (c *Collection) SearchFile(ctx context.Context, path string, o SearchOptions) (VectorsResult, error) {
	f, err := os.Open(path)
	if err != nil {
		return VectorsResult{}, fmt.Errorf("search: %w", err)
	}
	defer f.Close()
	m, err := vector.ReadNPY(f, npyLimit)
	if err != nil {
		return VectorsResult{}, fmt.Errorf("search with %s: %w", path, err)
	}
	for i := range m.Rows() {
		if !vector.Normalize(m.Row(i)) {
			return VectorsResult{}, fmt.Errorf("search with %s: row %d is zero or not finite: it has no direction", path, i)
		}
	}
	if c.cluster != nil && !o.All {
		r, err := c.searchFileNear(ctx, m, o)
		if !errors.Is(err, errFar) {
			return r, err
		}
	}
	v, err := c.view(ctx, o.Model)
	if err != nil {
		return VectorsResult{}, err
	}
	defer v.Close()
	keep, err := v.keep(ctx, o.Filter)
	if err != nil {
		return VectorsResult{}, err
	}
	top := v.top(o.Top, o.All)
	options := vector.Options{K: max(top, judged), Keep: keep.rows, Tie: v.Tie, Threads: c.options.Threads, Recall: o.recall(v)}
	if o.MinScore != nil {
		options.MinScore, options.HasMin = float32(*o.MinScore), true
	}
	started := time.Now()
	found, err := vector.SearchBatch(ctx, v.Matrix, m, options)
	if err != nil {
		return VectorsResult{}, fmt.Errorf("search with %s: %w", path, err)
	}
	r := VectorsResult{
		Model: v.model, Seconds: time.Since(started).Seconds(), Recall: stated(options.Recall), Missing: keep.missing,
	}
	for _, rows := range found {
		hits := v.hits(rows, nil, false, keep, o)
		v.judge(hits, nil, keep)
		r.add(hits[:min(top, len(hits))])
	}
	return r, nil
}

// add adds the hits of one more query.
func (r *VectorsResult) add(hits []Hit) {
	names, scores := make([]string, len(hits)), make([]float64, len(hits))
	luck, grades := make([]float64, len(hits)), make([]Grade, len(hits))
	for i, h := range hits {
		names[i], scores[i], luck[i], grades[i] = h.Name, h.Score, *h.ByLuck, h.Grade
	}
	r.Names, r.Scores = append(r.Names, names), append(r.Scores, scores)
	r.ByLuck, r.Grades = append(r.ByLuck, luck), append(r.Grades, grades)
	r.NoGoodMatch = append(r.NoGoodMatch, noGoodMatch(hits, target{}))
}

// searchFileNear is SearchFile where the vectors lie in a cluster.
func (c *Collection) searchFileNear(ctx context.Context, queries vector.Matrix, o SearchOptions) (VectorsResult, error) {
	s, err := c.spaceOf(ctx, o.Model)
	if err != nil {
		return VectorsResult{}, err
	}
	if s.Dim != queries.Dim {
		return VectorsResult{}, invalidf("the queries have %d values, the embeddings of %s %d", queries.Dim, s.Model, s.Dim)
	}
	f, err := c.pushDown(ctx, o.Filter)
	if err != nil {
		return VectorsResult{}, err
	}
	started := time.Now()
	r := VectorsResult{Model: s.Model, Missing: f.missing}
	for i := range queries.Rows() {
		hits, recall, err := c.near(ctx, s, target{vector: queries.Row(i)}, f, o, nil)
		if err != nil {
			return VectorsResult{}, err
		}
		r.Recall = stated(recall)
		r.add(hits)
	}
	r.Seconds = time.Since(started).Seconds()
	return r, nil
}

// Vector is the unit vector of picture i of Names.
func (e Exported) Vector(i int) []float32 { return e.vectors.Row(i) }
