package transfer

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/frame"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// Exported is the embeddings of one model, and the names of their pictures.
type Exported struct {
	Model   string
	Names   []string
	sources []string // their paths and addresses; "" where there is none
	vectors vector.Matrix
}

// Export returns the unit vectors of a model, in the order of the collection.
func Export(ctx context.Context, c *space.Collection, model string) (Exported, error) {
	var out Exported
	err := Exporting(ctx, c, model, func(e Exported) error {
		out = e
		out.vectors.Parts = [][]float32{slices.Concat(e.vectors.Parts...)}
		return nil
	})
	return out, err
}

// Exporting calls use with what Export returns, without copying it: the vectors are mapped from disk, and
// must not be used after use returns.
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
		from := ""
		if !record.IsImported(p.Source) {
			from = strings.Clone(p.Source)
		}
		e.sources = append(e.sources, from)
		e.vectors.Parts = append(e.vectors.Parts, v.Matrix.Row(p.Row))
	}
	return use(e)
}

// Stored says where the unit vectors of a model lie on this machine. Those of a cluster lie in the local copy.
func Stored(ctx context.Context, c *space.Collection, model string) (out api.StoredVectors, err error) {
	defer disk.Catch(&err)()
	v, err := c.OpenSpace(ctx, model)
	if err != nil {
		return out, err
	}
	defer v.Close()
	out = api.StoredVectors{Model: v.Model, Dim: v.Space.Dim, Files: v.Files(), Names: []string{}, Rows: []int{}}
	for i := range out.Files {
		if out.Files[i].Path, err = filepath.Abs(out.Files[i].Path); err != nil {
			return out, err
		}
	}
	for _, p := range v.Pictures.All() {
		if p.Row >= 0 {
			out.Names = append(out.Names, strings.Clone(p.Name))
			out.Rows = append(out.Rows, p.Row)
		}
	}
	return out, nil
}

// Formats are what Write writes.
var Formats = []string{"csv", "parquet", "arrow", "feather", "npz", "safetensors", "npy", "faiss", "tsv"}

// Write writes the vectors as "csv", "npz" or "safetensors", which have the names, as "parquet", "arrow" or "feather",
// which have paths too, or as "npy", "faiss" (an IndexFlatIP) or "tsv" (for TensorBoard's projector), which have none.
func (e Exported) Write(w io.Writer, format string) error {
	switch format {
	case "csv":
		return vector.WriteCSV(w, e.Names, e.vectors)
	case "parquet":
		return frame.WriteEmbeddings(w, e.Names, e.sources, e.vectors.All())
	case "arrow", "feather":
		return frame.WriteArrow(w, e.Names, e.sources, e.vectors.Dim, e.vectors.All())
	case "npz":
		return vector.WriteNPZ(w, e.Names, e.vectors)
	case "safetensors":
		return vector.WriteSafetensors(w, e.Names, e.vectors)
	case "npy":
		return vector.WriteNPY(w, e.vectors)
	case "faiss":
		return vector.WriteFAISS(w, e.vectors)
	case "tsv":
		return vector.WriteTSV(w, e.vectors)
	}
	return api.Invalidf("export: the format %q is none of %s", format, strings.Join(Formats, ", "))
}

// Vector returns the unit vector of picture i of Names.
func (e Exported) Vector(i int) []float32 { return e.vectors.Row(i) }
