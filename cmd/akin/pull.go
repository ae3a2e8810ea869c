package main

import (
	"fmt"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) pullCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "pull MODEL",
		Short: "Fetch a model's checkpoint, or take one that is here",
		Long: `Makes a model available: one that "akin models" lists, another of the model
hub's as ORG/NAME, or a checkpoint's folder. The hub's cache is shared with its
Python tools: nothing is fetched twice, and what was interrupted goes on. HF_HOME,
HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE are heeded.

Of a checkpoint that is mostly something else, as BLIP-2's is a language model, only
the tensors that embeddings need are fetched, into the folder models of akin's own
data ($AKIN_HOME, else your data folder).`,
		Example: `  akin pull clip-vit-base-patch32
  akin pull facebook/dinov2-small
  akin pull ./my-vit`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			const megabyte = 1e6
			progress := term.NewProgress(a.console, a.quiet)
			r, err := akin.Pull(cmd.Context(), args[0], api.PullOptions{
				Home: string(userHome()),
				Progress: func(done, total int64) {
					progress.Update(term.State{Done: int(done / megabyte), Total: int(total / megabyte), Unit: "MB"})
				},
				Note: func(line string) {
					if !a.quiet {
						progress.Printf("akin: %s", line)
					}
				},
			})
			progress.Close()
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(r)
			}
			reads := ""
			if r.Text {
				reads = ", reads text"
			}
			_, err = fmt.Fprintf(a.out, "%s: %d dimensions, pictures of %d x %d, %.1f million parameters%s\n%s\n",
				r.Model, r.Dim, r.Input[0], r.Input[1], float64(r.Params)/1e6, reads, r.Path)
			return err
		},
	}
}
