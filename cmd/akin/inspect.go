package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
)

type inspectOptions struct{ pixels string }

func (a *app) inspectCommand() *cobra.Command {
	var o inspectOptions
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Show what a picture's file says: format, size, date, camera, keywords",
		Long: `Shows a picture's format, size, orientation, transparency, date and hash, and what cameras
and people wrote about it: camera, lens, position, rating, label, title, caption and
keywords, of EXIF, XMP and IPTC in the file, and of a sidecar (photo.jpg.xmp or photo.xmp).
Use it to see why a picture is not read, or not read as you expect.`,
		Example: `  akin inspect photo.heic
  akin inspect photo.jpg --pixels upright.npy   upright, (H, W, 3) uint8`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args[0]) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *inspectOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.pixels, "pixels", "", "also write the upright RGB pixels to `FILE.npy`, without alpha or on --background")
}

func (o *inspectOptions) run(ctx context.Context, a *app, file string) error {
	if err := notAnInput(o.pixels, file); err != nil {
		return err
	}
	i, pixels, err := akin.Inspect(ctx, file, a.options())
	if err != nil {
		return err
	}
	if o.pixels != "" {
		if err := writeFile(o.pixels, func(w io.Writer) error { return akin.WritePixels(w, i.Width, i.Height, pixels) }); err != nil {
			return err
		}
	}
	return a.Result(i, func() error { return a.Inspected(i) })
}
