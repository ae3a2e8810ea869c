package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

func (a *app) embedCommand() *cobra.Command {
	var out, modelDir, text string
	var normalize, pixels bool
	cmd := &cobra.Command{
		Use:   "embed FILE…",
		Short: "Write the embeddings of pictures to a .npy file",
		Long: `Writes one row a picture, float32 (n, dim), in the order given: the values that
the model's reference gives, not normalised. A picture that cannot be read is
listed and leaves a row of NaN, so that rows and arguments stay in step.`,
		Example: `  akin embed flags/*.png --out flags.npy
  akin embed photo.jpg --out unit.npy --normalize
  akin embed photo.jpg --out input.npy --pixels     what the network is given, (n, 3, H, W)`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return usagef("--out FILE.npy is missing")
			}
			if text != "" {
				return usagef("--text: no model that reads text is installed")
			}
			if pixels && normalize {
				return usagef("--pixels and --normalize exclude each other")
			}
			name, err := a.oneModel()
			if err != nil {
				return err
			}
			o := a.options()
			o.ModelDir = modelDir
			m, err := akin.OpenModel(name, o)
			if err != nil {
				return err
			}
			defer m.Close()
			return a.embed(cmd.Context(), m, args, out, normalize, pixels)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "out", "o", "", "file to write (required)")
	f.BoolVar(&normalize, "normalize", false, "unit length")
	f.BoolVar(&pixels, "pixels", false, "the network's input instead, (n, 3, H, W)")
	f.StringVar(&modelDir, "model-dir", "", "run the checkpoint in `DIR` (or that file) as it is")
	f.StringVar(&text, "text", "", "embed each line of `LINES.txt` instead")
	return cmd
}

func (a *app) embed(ctx context.Context, m *akin.Model, files []string, out string, normalize, pixels bool) error {
	var rows []akin.Embedded
	var err error
	shape := []int{len(files), m.Dim()}
	if pixels {
		s := m.InputShape()
		shape = append(shape[:1], s[:]...)
		rows, err = m.Pixels(ctx, files)
	} else {
		progress := term.NewProgress(a.console, a.quiet)
		rows, err = m.Embed(ctx, files, func(done int) {
			progress.Update(term.State{Done: done, Total: len(files)})
		})
		progress.Close()
	}
	if err != nil {
		return err
	}
	failed := 0
	for _, r := range rows {
		if r.Err != nil {
			failed++
			fmt.Fprintf(a.err, "akin: %s\n", term.Clean(r.Err.Error()))
		}
	}
	if failed == len(rows) {
		return errors.New("none of the pictures could be read; nothing was written")
	}
	if err := writeFile(out, func(w *bufio.Writer) error {
		return akin.WriteEmbeddings(w, shape, rows, normalize)
	}); err != nil {
		return err
	}
	a.notef("akin: wrote %s: float32 %v", out, shape)
	if failed > 0 {
		return errPartial
	}
	return nil
}

// writeFile writes a whole file or none.
func writeFile(path string, write func(*bufio.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".akin-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // fails once it was renamed
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
