package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
)

type verifyOptions struct{ repair bool }

func (a *app) verifyCommand() *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check every checksum of a collection, and repair it",
		Long: `Reads the whole collection, and checks it against its checksums and records. Use it after a
disk fault, or before a backup. It changes nothing.

With --repair, derived files are rebuilt, a damaged database is rebuilt from what can be
read of it and from the files of embeddings, and damaged embeddings are removed, so that
the next index makes them again. Each repair is listed.

The exit status is 1 if something is still damaged.`,
		Example: "  akin verify\n  akin verify --repair -c shop",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *verifyOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.repair, "repair", false, "rebuild what is damaged and can be rebuilt from the rest")
}

func (o *verifyOptions) run(ctx context.Context, a *app) error {
	check := a.verify
	if o.repair {
		check = a.repair
	}
	path, r, err := check(ctx)
	if err != nil {
		return err
	}
	answer := struct {
		Collection string `json:"collection"`
		api.Repaired
	}{path, r}
	if err := a.Result(answer, func() error { return a.Verified(path, r) }); err != nil {
		return err
	}
	if r.Reindex {
		a.Notef("run `akin index` on its folders: it embeds only what is missing")
	}
	for _, m := range r.Reimport {
		a.Notef("import the embeddings of %s again with `akin import --model %s`", m, m)
	}
	switch {
	case len(r.Problems) == 0:
		return nil
	case o.repair:
		return fmt.Errorf("%s: %s left", path, render.Count(len(r.Problems), "problem"))
	}
	return fmt.Errorf("%s: %s; rebuild what can be rebuilt with `akin verify --repair`", path, render.Count(len(r.Problems), "problem"))
}

func (a *app) verify(ctx context.Context) (path string, r api.Repaired, err error) {
	c, err := a.open(ctx)
	if err != nil {
		return "", r, err
	}
	defer c.Close()
	r.Done = []string{}
	r.Problems, err = c.Verify(ctx)
	return c.Path(), r, err
}

// repair repairs also a collection that cannot be opened.
func (a *app) repair(ctx context.Context) (path string, r api.Repaired, err error) {
	if path, err = a.env.home.CollectionPath(a.collection); err != nil {
		return "", r, err
	}
	r, err = akin.Repair(ctx, path)
	return path, r, err
}
