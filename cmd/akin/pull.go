package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

type pullOptions struct {
	acceptLicence bool
}

func (a *app) pullCommand() *cobra.Command {
	var o pullOptions
	cmd := &cobra.Command{
		Use:   "pull MODEL",
		Short: "Install a model: download its checkpoint, or use a local one",
		Long: `Installs a model: one that "akin models" lists, another of the model hub as ORG/NAME, or the
folder of a checkpoint. Checkpoints are stored in the hub's cache, which Python tools
share, so that nothing is downloaded twice. An interrupted download continues.

Of a checkpoint that is mostly something else (BLIP-2's is a language model), only the
tensors that embeddings need are downloaded, into the folder models of akin's data folder.

Where a licence restricts what weights may be used for, akin asks before it downloads them.

HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE work as in Python.`,
		Example: `  akin pull clip-vit-base-patch32
  akin pull facebook/dinov2-small
  akin pull ./my-vit`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args[0]) },
	}
	cmd.Flags().BoolVar(&o.acceptLicence, "accept-licence", false, "download weights whose licence restricts their use")
	return cmd
}

func (o pullOptions) run(ctx context.Context, a *app, model string) error {
	const megabyte = 1e6
	p := a.Progress()
	r, err := akin.Pull(ctx, model, api.PullOptions{
		Home: string(a.env.home), Hub: a.env.hub,
		Accept: func(l api.Licence) bool { return o.acceptLicence || a.acceptLicence(l) },
		Progress: func(done, total int64) {
			p.Update(term.State{Done: int(done / megabyte), Total: int(total / megabyte), Unit: "MB"})
		},
		Note: func(line string) {
			if !a.Quiet {
				p.Printf("akin: %s", line)
			}
		},
	})
	p.Close()
	if err != nil {
		return err
	}
	return a.Result(r, func() error { return a.Pulled(r) })
}

// acceptLicence asks a person at a terminal.
func (a *app) acceptLicence(l api.Licence) bool {
	question := fmt.Sprintf("The weights of %s are published %s (%s).", l.Model, l.Terms, l.Name)
	if l.Page != "" {
		question += " The licence is on " + l.Page + "."
	}
	return a.confirm(question + " Download them?")
}
