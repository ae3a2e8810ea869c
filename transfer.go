package akin

import (
	"context"
	"io"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/transfer"
)

// Exported is the embeddings of one model, by picture.
type Exported = transfer.Exported

// ExportFormats are the formats that Exported.Write writes.
var ExportFormats = transfer.Formats

// ParseColumns reads "path=COLUMN,name=COLUMN", for the roles that are allowed.
func ParseColumns(text string, roles ...api.ColumnRole) (api.Columns, error) {
	return api.ParseColumns(text, roles...)
}

// WriteEmbeddings writes embedded pictures as a .npy file of float32 with that
// shape, whose first axis is the pictures. One that could not be read becomes a
// row of NaN. With normalize all other rows have unit length.
func WriteEmbeddings(w io.Writer, shape []int, rows []api.Embedded, normalize bool) error {
	return models.WriteEmbeddings(w, shape, rows, normalize)
}

// WritePixels writes (height, width, 3) uint8 pixels as a .npy file.
func WritePixels(w io.Writer, width, height int, pixels []byte) error {
	return models.WritePixels(w, width, height, pixels)
}

// FormatOf returns the format of a file of embeddings by its name: "csv", "npy",
// "faiss", or its extension.
func FormatOf(path string) string {
	return transfer.FormatOf(path)
}

// Export returns the unit vectors of a model, in the order of the collection.
func (c *Collection) Export(ctx context.Context, model string) (Exported, error) {
	return transfer.Export(ctx, c.c, model)
}

// Exporting calls use with what Export returns, without copying it: the vectors are mapped from
// the collection's files, and valid until use returns.
func (c *Collection) Exporting(ctx context.Context, model string, use func(Exported) error) (err error) {
	return transfer.Exporting(ctx, c.c, model, use)
}

// StoredVectors says where the unit vectors of a model lie on disk, for programs that map them instead of copying them.
func (c *Collection) StoredVectors(ctx context.Context, model string) (api.StoredVectors, error) {
	return transfer.Stored(ctx, c.c, model)
}

// Import adds embeddings that another program made. A row is matched to a picture of the collection
// by its path, file name or name. Any other row becomes a picture without a file, until a file of
// that path, file name or name is indexed. It is an error if a row matches several pictures, or
// several rows match one.
func (c *Collection) Import(ctx context.Context, o api.ImportOptions) (api.ImportReport, error) {
	return transfer.Import(ctx, c.c, o)
}

// SearchFile searches with each row of a .npy file, (n, dim), normalised here.
func (c *Collection) SearchFile(ctx context.Context, path string, o api.SearchOptions) (api.VectorsResult, error) {
	return transfer.SearchFile(ctx, c.c, path, o)
}
