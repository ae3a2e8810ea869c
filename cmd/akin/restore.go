package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"
)

type restoreOptions struct {
	all bool
}

func (a *app) restoreCommand() *cobra.Command {
	var o restoreOptions
	cmd := &cobra.Command{
		Use:   "restore FILE…",
		Short: "Put back duplicates that were moved away",
		Long: `Puts files back that "akin dupes --trash", "akin dupes --move" or the web page moved, under
their old names. A file is left where it is if its name is taken or if it has changed. Run
"akin index" on the folder to add the file to the collection again; nothing is embedded
anew.`,
		Example: `  akin dupes restore ~/Pictures/2019/IMG_1022.jpg
  akin dupes restore --all                   everything not put back yet`,
		Args: func(_ *cobra.Command, args []string) error { return o.check(args) },
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	cmd.Flags().BoolVar(&o.all, "all", false, "everything that was moved from this collection and not put back")
	return cmd
}

func (o *restoreOptions) check(args []string) error {
	switch {
	case o.all && len(args) > 0:
		return usagef("--all and FILE exclude each other")
	case !o.all && len(args) == 0:
		return usagef("no files: name where they were, or --all")
	}
	return nil
}

func (o *restoreOptions) run(ctx context.Context, a *app, files []string) error {
	for i, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			return err
		}
		files[i] = path
	}
	model := ""
	c, err := a.openFor(ctx, &model)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.RestoreDuplicates(ctx, files...)
	if err != nil {
		return err
	}
	if err := a.Restored(r); err != nil {
		return err
	}
	if len(r.Restored) > 0 {
		a.Notef("index their folders to add them to the collection again: `akin index PATH`")
	}
	return a.warnFailed(r.Failed)
}
