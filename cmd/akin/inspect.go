package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

func (a *app) inspectCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Tell a picture's format, size, orientation, transparency, date and hash",
		Example: `  akin inspect photo.heic
  akin inspect photo.jpg --pixels upright.npy     upright RGB, (H, W, 3) uint8`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := sparesInputs(out, args[0]); err != nil {
				return err
			}
			i, pixels, err := akin.Inspect(cmd.Context(), args[0], a.options())
			if err != nil {
				return err
			}
			if out != "" {
				err := writeFile(out, func(w *bufio.Writer) error {
					return akin.WritePixels(w, i.Width, i.Height, pixels)
				})
				if err != nil {
					return err
				}
			}
			if a.json {
				return a.writeJSON(i)
			}
			through := ""
			if i.SeeThrough > 0 {
				through = fmt.Sprintf("  transparent  %.0f %% of its area; shown on %s\n", 100*i.SeeThrough, shownOn(i.Ground))
				if i.Blank {
					through = fmt.Sprintf("  transparent  %.0f %% of its area; blank: next to nothing of it can be seen on %s\n", 100*i.SeeThrough, shownOn(i.Ground))
				}
			}
			taken := ""
			if i.Taken != "" {
				taken = "  taken        " + strings.Replace(i.Taken, "T", " ", 1) + "\n"
			}
			_, err = fmt.Fprintf(a.out, "%s\n  format       %s\n  size         %d x %d\n  orientation  %d\n%s%s  bytes        %d\n  sha256       %s\n",
				term.Clean(i.Source), i.Format, i.Width, i.Height, i.Orientation, through, taken, i.Bytes, i.Hash)
			return err
		},
	}
	cmd.Flags().StringVar(&out, "pixels", "", "write the upright RGB pixels to `FILE.npy`: with alpha dropped, or on --background")
	return cmd
}
