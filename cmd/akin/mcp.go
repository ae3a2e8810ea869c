package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/internal/assistant"
)

type mcpOptions struct{ private bool }

func (a *app) mcpCommand() *cobra.Command {
	var o mcpOptions
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Let an assistant search, over the Model Context Protocol",
		Long: `Lets an assistant search, compare and explain, with pictures in the answers. It speaks the
Model Context Protocol on stdin and stdout; the assistant's program starts it, once you
have configured the command there. It never changes the collection.

An assistant may query with pictures of the collection, files that you can read, and
addresses on the public internet. It cannot reach your network, because what an
assistant reads may tell it to, unless you give --allow-private-addresses.`,
		Example: `  akin mcp --collection flags
  claude mcp add akin -- akin mcp --collection flags
  {"mcpServers": {"akin": {
    "command": "akin", "args": ["mcp", "--collection", "flags"]}}}`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *mcpOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.private, "allow-private-addresses", false, privateHelp)
}

func (o *mcpOptions) run(ctx context.Context, a *app) error {
	options := a.options()
	options.ReadOnly, options.PublicOnly = true, !o.private
	c, err := a.openWith(ctx, options)
	if err != nil {
		return err
	}
	defer c.Close()
	a.Notef("speaking the Model Context Protocol on stdin and stdout")
	err = assistant.New(c, version().Version).Run(ctx, assistant.Lines(a.in, a.Screen.W))
	if errors.Is(err, context.Canceled) {
		return nil // as asked
	}
	return err
}
