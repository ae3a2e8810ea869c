package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) dropCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "drop MODEL[@FINGERPRINT]",
		Short: "Remove the embeddings of a model",
		Long: `Removes the embeddings of a model from the collection. The pictures stay, and so do the
embeddings of other models. "akin index" makes the embeddings again; those that were
imported must be imported again.

After a change of precision or background a model has several spaces. Choose one by the
first digits of its fingerprint, which "akin info" shows.`,
		Example: "  akin drop vgg16\n  akin drop vit-large@3f9c20c18d44",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.drop(cmd.Context(), args[0]) },
	}
}

func (a *app) drop(ctx context.Context, space string) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	model, fingerprint, _ := strings.Cut(space, "@")
	s, err := c.Drop(ctx, model, fingerprint)
	if err != nil {
		return err
	}
	return a.Result(s, func() error { return a.Dropped(s) })
}
