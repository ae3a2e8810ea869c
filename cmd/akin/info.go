package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) infoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "info",
		Short: "Show what a collection holds",
		Long: `Shows how many pictures a collection holds, the space of each model (its dimension, number
of embeddings, coverage and fingerprint), which model is the default, and the files that
could not be read.`,
		Example: "  akin info\n  akin info -c shop --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.info(cmd.Context()) },
	}
}

func (a *app) info(ctx context.Context) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	info, err := c.Info(ctx)
	if err != nil {
		return err
	}
	return a.Result(info, func() error { return a.Info(info) })
}
