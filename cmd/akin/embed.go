package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/table"
)

type embedOptions struct {
	out       string
	normalize bool
	pixels    bool
	modelDir  string
	text      string
}

func (a *app) embedCommand() *cobra.Command {
	var o embedOptions
	cmd := &cobra.Command{
		Use:   "embed FILE… | --text LINES.txt",
		Short: "Write the embeddings of pictures or texts to a .npy file",
		Long: `Writes one row per picture, float32 (n, dim), in the order given: the values of the model's
reference implementation, not normalised. Use it to take embeddings to other programs.

A picture that cannot be read is listed, and its row is NaN, so that rows and arguments
stay in step.`,
		Example: `  akin embed flags/*.png --out flags.npy
  akin embed photo.jpg --out unit.npy --normalize
  akin embed photo.jpg --out input.npy --pixels   network input, (n, 3, H, W)
  akin embed --text captions.txt -m clip-vit-base-patch32 --out captions.npy`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *embedOptions) flags(f *pflag.FlagSet) {
	f.StringVarP(&o.out, "out", "o", "", "`FILE.npy` to write (required)")
	f.BoolVar(&o.normalize, "normalize", false, "scale embeddings to unit length")
	f.BoolVar(&o.pixels, "pixels", false, "write the input of the network instead, (n, 3, H, W)")
	f.StringVar(&o.modelDir, "model-dir", "", "use the checkpoint or ONNX model in `DIR` (or that file) as it is")
	f.StringVar(&o.text, "text", "", "embed each line of `LINES.txt` instead")
}

func (o *embedOptions) check(args []string) error {
	switch {
	case o.out == "":
		return usagef("--out FILE.npy is missing")
	case o.text == "" && len(args) == 0:
		return usagef("no pictures: name files or addresses, or --text LINES.txt")
	case o.text != "" && (len(args) > 0 || o.pixels):
		return usagef("--text excludes FILE and --pixels")
	case o.pixels && o.normalize:
		return usagef("--pixels and --normalize exclude each other")
	}
	return nil
}

func (o *embedOptions) run(ctx context.Context, a *app, args []string) error {
	if err := o.check(args); err != nil {
		return err
	}
	name, err := a.oneModel()
	if err != nil {
		return err
	}
	options := a.options()
	options.ModelDir = o.modelDir
	m, err := akin.OpenModel(name, options)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := notAnInput(o.out, append(args, o.text)...); err != nil {
		return err
	}
	if o.text != "" {
		if args, err = readTexts(o.text); err != nil {
			return err
		}
	}
	rows, shape, err := o.embed(ctx, a, m, args)
	if err != nil {
		return err
	}
	return o.write(a, rows, shape)
}

// embed returns a row per source, and the shape of all of them.
func (o *embedOptions) embed(ctx context.Context, a *app, m *akin.Model, sources []string) ([]api.Embedded, []int, error) {
	p := a.Progress()
	defer p.Close()
	show := progress(p, "")
	done := func(n int) { show(n, len(sources)) }
	shape := []int{len(sources), m.Dim()}
	switch {
	case o.text != "":
		rows, err := m.EmbedText(ctx, sources, done)
		return rows, shape, err
	case o.pixels:
		rows, err := m.Pixels(ctx, sources)
		return rows, append(shape[:1], m.InputShape()...), err
	}
	rows, err := m.Embed(ctx, sources, done)
	return rows, shape, err
}

func (o *embedOptions) write(a *app, rows []api.Embedded, shape []int) error {
	written := struct {
		File   string   `json:"file"`
		Shape  []int    `json:"shape"`
		Failed []string `json:"failed"` // whose rows are NaN
	}{o.out, shape, []string{}}
	for _, r := range rows {
		if r.Err != nil {
			written.Failed = append(written.Failed, r.Err.Error())
			a.Warnf("%v", r.Err)
		}
	}
	failed := len(written.Failed)
	if failed == len(rows) {
		return errors.New("none of the pictures could be read; nothing was written")
	}
	if err := writeFile(o.out, func(w io.Writer) error {
		return akin.WriteEmbeddings(w, shape, rows, o.normalize)
	}); err != nil {
		return err
	}
	a.Notef("wrote %s: float32 %v", o.out, shape)
	if err := a.Result(written, func() error { return nil }); err != nil {
		return err
	}
	if failed > 0 {
		return errPartial
	}
	return nil
}

// readTexts reads one text per line, in any encoding that a byte order mark names, else UTF-8.
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
			return nil, fmt.Errorf("read texts: %s, line %d: %.60q is not UTF-8", path, in.Line(), fields[0])
		}
		texts = append(texts, fields[0])
	}
	if len(texts) == 0 || len(texts) == 1 && texts[0] == "" {
		return nil, fmt.Errorf("read texts: %s is empty", path)
	}
	return texts, nil
}
