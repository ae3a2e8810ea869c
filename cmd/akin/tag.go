package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) tagCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tag",
		Short: "Give pictures tags, to search among those that have them",
		Long: `Gives pictures tags, takes them away and lists them; "akin search --tag TAG" searches
among the pictures that have one. A tag belongs to the picture in the collection: it
stays when the file moves or changes and is indexed again, and the file is never
written to. Case does not count.

QUERY is a picture's name, a file, a folder with all below it, or a glob: 'img_*',
'2024/**', '*.png'.`,
		Example: `  akin tag add holiday ~/Pictures/2024/italy
  akin tag add "to print" IMG_1021 IMG_1044 'portrait*'
  akin search cat.jpg --format paths -0 | xargs -0 akin tag add cats
  akin tag remove holiday IMG_1021
  akin tag list`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		a.retagCommand("add", "Give pictures a tag", "tagged", "had it", (*akin.Collection).AddTag),
		a.retagCommand("remove", "Take a tag from pictures", "untagged", "did not have it", (*akin.Collection).RemoveTag),
		a.tagListCommand(),
	)
	return cmd
}

// retagCommand makes a command of a change; done and other say it of the pictures.
func (a *app) retagCommand(use, short, done, other string,
	change func(*akin.Collection, context.Context, string, ...string) (api.TagReport, error)) *cobra.Command {
	return &cobra.Command{
		Use:     use + " TAG QUERY…",
		Short:   short,
		Example: "  akin tag " + use + " holiday ~/Pictures/2024/italy IMG_1021 'portrait*'",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			r, err := change(c, cmd.Context(), args[0], args[1:]...)
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(r)
			}
			line := fmt.Sprintf("%s: %d %s", r.Tag, r.Changed, done)
			if others := r.Pictures - r.Changed; others > 0 {
				line += fmt.Sprintf(", %d %s", others, other)
			}
			_, err = fmt.Fprintln(a.out, term.Clean(line))
			return err
		},
	}
}

func (a *app) tagListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list [QUERY…]",
		Short:   "List the tags, or the tags of pictures",
		Example: "  akin tag list\n  akin tag list IMG_1021 ~/Pictures/2024/italy",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			if len(args) > 0 {
				return a.listTagsOf(cmd.Context(), c, args)
			}
			tags, err := c.Tags(cmd.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(map[string]any{"tags": tags})
			}
			if len(tags) == 0 {
				a.notef("akin: no picture has a tag")
				return nil
			}
			t := term.Table{Columns: []term.Column{{Header: "tag"}, {Header: "pictures", Right: true}}}
			for _, tag := range tags {
				t.AddCells(term.Cell{Text: tag.Tag}, term.Cell{Text: fmt.Sprint(tag.Pictures)})
			}
			return t.Write(a.screen)
		},
	}
}

func (a *app) listTagsOf(ctx context.Context, c *akin.Collection, args []string) error {
	pictures, err := c.TagsOf(ctx, args...)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(map[string]any{"pictures": pictures})
	}
	t := term.Table{Columns: []term.Column{{Header: "name"}, {Header: "tags"}, {Header: "source"}}}
	for _, p := range pictures {
		t.AddCells(term.Cell{Text: p.Name}, term.Cell{Text: strings.Join(p.Tags, "; ")}, term.Cell{Text: place(p.Source), Style: term.Faint})
	}
	return t.Write(a.screen)
}
