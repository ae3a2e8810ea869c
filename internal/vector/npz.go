package vector

import (
	"archive/zip"
	"fmt"
	"io"
	"unicode/utf8"
)

// WriteNPZ writes NumPy's archive of two arrays: embeddings, (n, dim) of float32, and names, (n,) of texts.
func WriteNPZ(w io.Writer, names []string, m Matrix) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("write .npz: %w", err)
	}
	z := zip.NewWriter(w)
	array := func(name string, write func(io.Writer) error) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		return write(f)
	}
	if err := array("embeddings", func(w io.Writer) error { return WriteNPY(w, m) }); err != nil {
		return fmt.Errorf("write .npz: %w", err)
	}
	if err := array("names", func(w io.Writer) error { return writeTexts(w, names) }); err != nil {
		return fmt.Errorf("write .npz: %w", err)
	}
	return z.Close()
}

// writeTexts writes a .npy array of texts, each as long as the longest, in UTF-32 with zeros behind.
func writeTexts(w io.Writer, texts []string) error {
	longest := 1
	for _, s := range texts {
		longest = max(longest, utf8.RuneCountInString(s))
	}
	if err := WriteNPYHeader(w, fmt.Sprintf("<U%d", longest), len(texts)); err != nil {
		return err
	}
	b := make([]byte, 4*longest)
	for _, s := range texts {
		clear(b)
		i := 0
		for _, r := range s {
			b[i], b[i+1], b[i+2] = byte(r), byte(r>>8), byte(r>>16)
			i += 4
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}
