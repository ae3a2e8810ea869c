package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin/internal/assistant"
)

func (a *app) mcpCommand() *cobra.Command {
	var private bool
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Offer the collection to an assistant, over the Model Context Protocol",
		Long: `Lets an assistant search, compare and explain: it speaks the Model Context Protocol on
stdin and stdout, and its answers have pictures in them. An assistant's program starts it by
itself; tell it the command. Nothing of the collection is changed.

An assistant asks with pictures of the collection, with files that you may read, and with
addresses. Those are fetched from the public internet only: what an assistant reads may ask
it for others.`,
		Example: `  akin mcp --collection flags
  claude mcp add akin -- akin mcp --collection flags
  {"mcpServers": {"akin": {"command": "akin", "args": ["mcp", "--collection", "flags"]}}}`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := a.options()
			o.ReadOnly, o.PublicOnly = true, !private
			c, err := a.openWith(cmd.Context(), o)
			if err != nil {
				return err
			}
			defer c.Close()
			a.notef("akin: speaking the Model Context Protocol on stdin and stdout")
			err = assistant.New(c, version()).Run(cmd.Context(), assistant.Lines(a.in, a.screen.W))
			if errors.Is(err, context.Canceled) {
				return nil // the asked-for end
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&private, "allow-private-addresses", false, "fetch pictures' addresses on this machine and its network as well")
	return cmd
}
