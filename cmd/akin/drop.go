package main

import (
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) dropCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "drop MODEL[@FINGERPRINT]",
		Short: "Remove the embeddings of a model from a collection",
		Long: `Removes the embeddings of a model from a collection. The pictures stay, and so do
other models' embeddings. What akin embedded itself is embedded again by "akin index";
what was imported must be imported again. A model with several spaces, as after a
change of precision, is named with the head of a fingerprint: "akin info" shows them.`,
		Example: "  akin drop vgg16\n  akin drop vit-large@3f9c20c18d44",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			model, fingerprint, _ := strings.Cut(args[0], "@")
			s, err := c.Drop(cmd.Context(), model, fingerprint)
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(s)
			}
			err = a.sayf("dropped %s (%s): %s, %s", s.Model, short(s.Fingerprint), count(s.Rows, "embedding"), bytesText(s.Bytes))
			return err
		},
	}
}
