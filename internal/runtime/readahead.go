package runtime

import (
	"os"
	"path/filepath"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/onnx"
)

// ReadAhead makes the system read weights from disk while ONNX Runtime is loaded, reads the graph and runs the first
// layers. ONNX Runtime maps the files and would wait for the disk at every weight; a file that cannot be opened is
// its error.
func ReadAhead(weights model.Stored) {
	var f *os.File
	name := ""
	for _, part := range joined(weights.Parts) {
		if f == nil || part.File != name {
			if f != nil {
				f.Close()
			}
			var err error
			if f, err = disk.Open(filepath.Join(weights.Folder, part.File)); err != nil {
				return
			}
			name = part.File
		}
		disk.ReadAhead(f, part.Offset, part.Length)
	}
	if f != nil {
		f.Close()
	}
}

// joined joins parts that follow each other in a file.
func joined(parts []onnx.External) []onnx.External {
	var out []onnx.External
	for _, p := range parts {
		if last := len(out) - 1; last >= 0 && out[last].File == p.File && out[last].Offset+out[last].Length == p.Offset {
			out[last].Length += p.Length
			continue
		}
		out = append(out, p)
	}
	return out
}
