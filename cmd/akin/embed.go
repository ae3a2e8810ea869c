package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/table"
	"github.com/spf13/cobra"
)

func (a *app) embedCommand() *cobra.Command {
	var out, modelDir, text string
	var normalize, pixels bool
	cmd := &cobra.Command{
		Use:   "embed FILE… | --text LINES.txt",
		Short: "Write the embeddings of pictures or texts to a .npy file",
		Long: `Writes one row a picture, float32 (n, dim), in the order given: the values that
the model's reference gives, not normalised. A picture that cannot be read is
listed and leaves a row of NaN, so that rows and arguments stay in step.`,
		Example: `  akin embed flags/*.png --out flags.npy
  akin embed photo.jpg --out unit.npy --normalize
  akin embed photo.jpg --out input.npy --pixels     what the network is given, (n, 3, H, W)
  akin embed --text captions.txt -m clip-vit-base-patch32 --out captions.npy`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return usagef("--out FILE.npy is missing")
			}
			switch {
			case text == "" && len(args) == 0:
				return usagef("no pictures: name files or addresses, or --text LINES.txt")
			case text != "" && (len(args) > 0 || pixels):
				return usagef("--text excludes pictures and --pixels")
			case pixels && normalize:
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
			if err := sparesInputs(out, append(args, text)...); err != nil {
				return err
			}
			if text != "" {
				if args, err = readTexts(text); err != nil {
					return err
				}
			}
			embed := m.Embed
			shape := []int{len(args), m.Dim()}
			switch {
			case text != "":
				embed = m.EmbedText
			case pixels:
				embed = func(ctx context.Context, files []string, _ func(int)) ([]api.Embedded, error) {
					return m.Pixels(ctx, files)
				}
				input := m.InputShape()
				shape = append(shape[:1], input[:]...)
			}
			return a.embed(cmd.Context(), embed, args, shape, out, normalize)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "out", "o", "", "file to write (required)")
	f.BoolVar(&normalize, "normalize", false, "unit length")
	f.BoolVar(&pixels, "pixels", false, "the network's input instead, (n, 3, H, W)")
	f.StringVar(&modelDir, "model-dir", "", "run the checkpoint or ONNX model in `DIR` (or that file) as it is")
	f.StringVar(&text, "text", "", "embed each line of `LINES.txt` instead")
	return cmd
}

// embed writes what embed makes of each source, in that shape.
func (a *app) embed(ctx context.Context, embed func(context.Context, []string, func(int)) ([]api.Embedded, error),
	sources []string, shape []int, out string, normalize bool) error {
	progress := term.NewProgress(a.console, a.quiet)
	rows, err := embed(ctx, sources, func(done int) {
		progress.Update(term.State{Done: done, Total: len(sources)})
	})
	progress.Close()
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

// readTexts reads a text a line, in any encoding that says which it is.
func readTexts(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	defer f.Close()
	in, err := table.NewReader(f, table.Options{Plain: true, Separator: table.None})
	if err != nil {
		return nil, fmt.Errorf("read texts: %s: %w", path, err)
	}
	var texts []string
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read texts: %s: %w", path, err)
		}
		if !utf8.ValidString(fields[0]) {
			return nil, fmt.Errorf("read texts: %s, line %d: %.60q is not UTF-8: save it as UTF-8", path, in.Line(), fields[0])
		}
		texts = append(texts, fields[0])
	}
	if len(texts) == 0 || len(texts) == 1 && texts[0] == "" {
		return nil, fmt.Errorf("read texts: %s is empty", path)
	}
	return texts, nil
}

// writeFile writes a whole file or none: what was there stays until the new one is
// complete. A link's target is written, and a device or a pipe as it is.
func writeFile(path string, write func(*bufio.Writer) error) error {
	if target, err := os.Readlink(path); err == nil { // also where nothing is yet
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return fmt.Errorf("write %s: it is a folder", path)
	}
	if err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, bare(err))
		}
		return errors.Join(fill(f, write), f.Close())
	}
	err = disk.ReplaceWith(disk.OS, path, 0o666, func(w io.Writer) error { return fill(w, write) })
	if err != nil {
		return fmt.Errorf("write %s: %w", path, bare(err)) // the name in it is that of the new file
	}
	return nil
}

func fill(f io.Writer, write func(*bufio.Writer) error) error {
	w := bufio.NewWriterSize(f, 1<<20)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}

// sparesInputs refuses to write over what is read.
func sparesInputs(out string, inputs ...string) error {
	to, err := os.Stat(out)
	if err != nil {
		return nil // nothing is there
	}
	for _, in := range inputs {
		if from, err := os.Stat(in); err == nil && from.Mode().IsRegular() && os.SameFile(from, to) {
			return usagef("%s would be written over: it is read", in)
		}
	}
	return nil
}
