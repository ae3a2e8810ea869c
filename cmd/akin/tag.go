package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

func (a *app) tagCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tag",
		Short: "Tag pictures, to search among those with a tag",
		Long: `Adds, removes, renames and lists tags. Use them to search among some pictures only, with
"akin search --tag TAG". A tag belongs to the picture in the collection: it stays when the
file moves or changes and is indexed again. Case is ignored. Pictures are never written to;
"akin tag write" writes tags into sidecar files beside them.

QUERY is a picture's name, a file, a folder with everything below it, or a glob: 'img_*',
'2024/**', '*.png'.`,
		Example: `  akin tag add holiday ~/Pictures/2024/italy
  akin tag add "to print" IMG_1021 IMG_1044 'portrait*'
  akin search cat.jpg --format paths -0 | xargs -0 akin tag add cats
  akin tag remove holiday IMG_1021
  akin tag rename holiday holidays
  akin tag list
  akin tag write ~/Pictures/2024`,
		Args: cobra.NoArgs,
		RunE: showHelp,
	}
	cmd.AddCommand(a.addTagCommand(), a.removeTagCommand(), a.renameTagCommand(), a.deleteTagCommand(), a.listTagsCommand(), a.writeTagsCommand())
	return cmd
}

func (a *app) addTagCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "add TAG QUERY…",
		Short:   "Tag pictures",
		Example: "  akin tag add holiday ~/Pictures/2024/italy IMG_1021 'portrait*'",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeTag(cmd.Context(), (*akin.Collection).AddTag, args, "tagged", "had it")
		},
	}
}

func (a *app) removeTagCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "remove TAG QUERY…",
		Short:   "Remove a tag from pictures",
		Example: "  akin tag remove holiday IMG_1021",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeTag(cmd.Context(), (*akin.Collection).RemoveTag, args, "untagged", "did not have it")
		},
	}
}

// changeTag changes the tag args[0] of the pictures args[1:]; done and unchanged say how many.
func (a *app) changeTag(ctx context.Context, change func(*akin.Collection, context.Context, string, ...string) (api.TagReport, error),
	args []string, done, unchanged string) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := change(c, ctx, args[0], args[1:]...)
	if err != nil {
		return err
	}
	return a.Result(r, func() error { return a.TagChange(r, done, unchanged) })
}

func (a *app) renameTagCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "rename TAG NAME",
		Short:   "Rename a tag, or merge it into another",
		Example: "  akin tag rename holiday holidays",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeTag(cmd.Context(), func(c *akin.Collection, ctx context.Context, tag string, names ...string) (api.TagReport, error) {
				return c.RenameTag(ctx, tag, names[0])
			}, args, "renamed", "")
		},
	}
}

func (a *app) deleteTagCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "delete TAG",
		Short:   "Remove a tag from all pictures that have it",
		Example: "  akin tag delete holiday",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeTag(cmd.Context(), func(c *akin.Collection, ctx context.Context, tag string, _ ...string) (api.TagReport, error) {
				return c.DeleteTag(ctx, tag)
			}, args, "untagged", "")
		},
	}
}

func (a *app) listTagsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list [QUERY…]",
		Short:   "List all tags, or the tags of pictures",
		Example: "  akin tag list\n  akin tag list IMG_1021 ~/Pictures/2024/italy",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.listTags(cmd.Context(), args) },
	}
}

func (a *app) listTags(ctx context.Context, queries []string) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if len(queries) > 0 {
		pictures, err := c.TagsOf(ctx, queries...)
		if err != nil {
			return err
		}
		return a.Result(map[string]any{"pictures": pictures}, func() error { return a.TagsOf(pictures) })
	}
	tags, err := c.Tags(ctx)
	if err != nil {
		return err
	}
	return a.Result(map[string]any{"tags": tags}, func() error { return a.Tags(tags) })
}

func (a *app) writeTagsCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "write [QUERY…]",
		Short: "Write tags into sidecar files, as keywords",
		Long: `Adds the tags of all pictures, or of those that are named, to the keywords in their sidecar
files, where Lightroom, darktable, digiKam and others find them. A sidecar that exists is
kept but for that, be it a.xmp or a.jpg.xmp; a new one is a.jpg.xmp. Nothing is removed
from one. Pictures themselves are never written to; those in archives get none.

The next "akin index" reads the sidecars again, and embeds nothing.`,
		Example: `  akin tag write --dry-run
  akin tag write ~/Pictures/2024`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.writeTags(cmd.Context(), dry, args) },
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say which sidecars would be written")
	return cmd
}

func (a *app) writeTags(ctx context.Context, dry bool, queries []string) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.WriteTags(ctx, dry, queries...)
	if err != nil {
		return err
	}
	if err := a.Result(r, func() error { return a.Sidecars(r, dry) }); err != nil {
		return err
	}
	return a.warnFailed(r.Failed)
}
