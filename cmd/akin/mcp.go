package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin/internal/assistant"
)

func (a *app) mcpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "mcp",
		Short: "Offer the collection to an assistant, over the Model Context Protocol",
		Long: `Lets an assistant search, compare and explain: it speaks the Model Context Protocol on
stdin and stdout, and its answers have pictures in them. An assistant's program starts it by
itself; tell it the command. Nothing of the collection is changed.`,
		Example: `  akin mcp --collection flags
  claude mcp add akin -- akin mcp --collection flags
  {"mcpServers": {"akin": {"command": "akin", "args": ["mcp", "--collection", "flags"]}}}`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.open(false)
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
}
