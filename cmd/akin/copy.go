package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

func (a *app) copyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy a collection, also to or from a cluster",
		Long: `Copies the pictures, embeddings, tags and reviews of one collection into another, then reads
everything back and compares it bit by bit. Each is a name, a folder, or a collection in
a Weaviate cluster, weaviate://HOST:PORT/NAME. Pictures that only TO has stay.

Run it again after an interruption: it continues where it stopped.`,
		Example: `  akin copy default weaviate://db1,db2,db3/Photos
  akin copy weaviate://db1,db2,db3/Photos ~/backup.akin`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return a.copy(cmd.Context(), args[0], args[1]) },
	}
}

func (a *app) copy(ctx context.Context, from, to string) error {
	var err error
	for _, name := range []*string{&from, &to} {
		if *name, err = a.env.home.CollectionPath(*name); err != nil {
			return err
		}
	}
	a.mayMake(to)
	p := a.Progress()
	r, err := akin.Copy(ctx, from, to, api.CopyOptions{Progress: progress(p, ""), Home: string(a.env.home)})
	p.Close()
	if err != nil {
		return err
	}
	return a.Result(r, func() error { return a.Copy(r) })
}
