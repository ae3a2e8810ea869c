package frame

import (
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// groupBytes is about how much of the vectors lies in memory before a group of rows is written.
const groupBytes = 64 << 20

// embedded is a row of WriteEmbeddings.
type embedded struct {
	Name      string    `parquet:"name"`
	Path      *string   `parquet:"path,optional"`
	Embedding []float32 `parquet:"embedding,list"`
}

// WriteEmbeddings writes Parquet with the columns name, path and embedding, as pandas, DuckDB and Embedding Atlas read
// them. A path that is "" is null.
func WriteEmbeddings(w io.Writer, names, paths []string, vectors iter.Seq[[]float32]) error {
	out := parquet.NewGenericWriter[embedded](w, parquet.Compression(&zstd.Codec{}), parquet.CreatedBy("akin", "", ""))
	i, size := 0, 0
	for v := range vectors {
		row := embedded{Name: names[i], Embedding: v}
		if paths[i] != "" {
			row.Path = &paths[i]
		}
		if _, err := out.Write([]embedded{row}); err != nil {
			return err
		}
		i++
		if size += 4 * len(v); size >= groupBytes {
			size = 0
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
	return out.Close()
}
