package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/record"
)

func (a *app) collectionsCommand() *cobra.Command {
	removed := false
	cmd := &cobra.Command{
		Use:   "collections",
		Short: "List, rename, remove and restore the collections of your data folder",
		Long: `Lists the collections of your data folder: how many pictures each has, its models, the
default model first, and the size of its embeddings. Any command uses one with
--collection NAME. "akin info" shows more about one, and "akin drop" removes a model's
embeddings from it.`,
		Example: `  akin collections
  akin collections rename default holidays
  akin collections rm holidays
  akin collections restore holidays`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if removed {
				return a.listRemoved()
			}
			return a.listCollections(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&removed, "removed", false, "list removed collections, which can be restored")
	cmd.AddCommand(a.renameCollectionCommand(), a.removeCollectionCommand(), a.restoreCollectionCommand())
	return cmd
}

func (a *app) listCollections(ctx context.Context) error {
	all, err := akin.DescribeCollections(ctx, a.options())
	if err != nil {
		return err
	}
	return a.Result(all, func() error { return a.Collections(all) })
}

func (a *app) listRemoved() error {
	names, err := a.env.home.Removed()
	if err != nil {
		return err
	}
	all := []api.RemovedCollection{}
	for _, name := range names {
		folder, err := a.env.home.RemovedFolder(name)
		if err != nil {
			return err
		}
		all = append(all, api.RemovedCollection{Removed: name, Folder: folder})
	}
	return a.Result(all, func() error { return a.RemovedCollections(all) })
}

func (a *app) renameCollectionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "rename NAME NEW",
		Short:   "Give a collection another name",
		Long:    "Gives a collection another name: letters, digits, dots, dashes and underscores.",
		Example: "  akin collections rename default holidays",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			err := akin.RenameCollection(args[0], args[1], a.options())
			if err := named(args[0], err, a.env.home.Collections, "akin collections"); err != nil {
				return err
			}
			a.Notef("%s is now called %s", args[0], args[1])
			return a.nameOf(args[1])
		},
	}
}

func (a *app) removeCollectionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "rm NAME…",
		Aliases: []string{"remove"},
		Short:   "Remove collections; they can be restored",
		Long: `Removes collections: embeddings and tags. The pictures' files stay where they are. Each is
moved into the folder "removed" of your data folder, from where "akin collections restore"
brings it back; delete that folder to free the disk.`,
		Example: "  akin collections rm holidays",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			all := []api.RemovedCollection{}
			for _, name := range args {
				removed, folder, err := akin.RemoveCollection(name, a.options())
				if err := named(name, err, a.env.home.Collections, "akin collections"); err != nil {
					return err
				}
				all = append(all, api.RemovedCollection{Removed: removed, Folder: folder})
				a.Notef("removed %s; `akin collections restore %s` brings it back", name, removed)
			}
			return a.Result(all, func() error { return a.RemovedCollections(all) })
		},
	}
}

func (a *app) restoreCollectionCommand() *cobra.Command {
	as := ""
	cmd := &cobra.Command{
		Use:   "restore NAME",
		Short: "Bring a removed collection back",
		Long: `Brings a removed collection back. "akin collections --removed" lists them; a second one of
the same name is called NAME-2 there.`,
		Example: "  akin collections restore holidays\n  akin collections restore holidays-2 --as summer",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := cmp.Or(as, args[0])
			err := akin.RestoreCollection(args[0], name, a.options())
			if err := named(args[0], err, a.env.home.Removed, "akin collections --removed"); err != nil {
				return err
			}
			a.Notef("%s is back", name)
			return a.nameOf(name)
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "restore it as `NAME` (default: its old name)")
	return cmd
}

// nameOf writes the name that a collection has now, for programs: people have been told.
func (a *app) nameOf(collection string) error {
	return a.Result(api.CollectionName{Name: collection}, func() error { return nil })
}

// missing adds to an error that says that the collection of this command does not exist, which there are.
func (a *app) missing(err error) error {
	name := cmp.Or(a.collection, "default")
	err = named(name, err, a.env.home.Collections, "akin collections")
	if e, ok := errors.AsType[*missingError](err); ok {
		e.create, e.flag = true, name != "default" && name != a.env.collection
	}
	return err
}

// named adds to an error that says that there is no collection of that name, which others there are, and what lists them.
func named(name string, err error, others func() ([]string, error), list string) error {
	if !errors.Is(err, akin.ErrNoCollection) {
		return err
	}
	names, _ := others() // the error is that there is none
	return &missingError{err: err, name: name, others: names, list: list}
}

// missingError says that there is no collection of a name.
type missingError struct {
	err    error
	name   string
	others []string // the names that there are
	list   string   // the command that lists them
	create bool     // the command's own collection: it can be created, or another be named with --collection
	flag   bool     // and it was named with --collection
}

func (e *missingError) Error() string { return e.err.Error() }

func (e *missingError) Unwrap() error { return e.err }

// remedy names the collections that may be meant.
func (e *missingError) remedy() string {
	create := "create it with `akin index PATH`"
	if e.flag {
		create += " and the same --collection"
	}
	const few = 8
	switch near := record.Closest(e.name, slices.Values(e.others)); {
	case e.create && !home.ProperName(e.name): // a path or an address
		return create
	case len(near) > 0 && e.create:
		return fmt.Sprintf("did you mean %s? `%s` lists all, and `akin index PATH` makes a new one", strings.Join(near, " or "), e.list)
	case len(near) > 0:
		return fmt.Sprintf("did you mean %s? `%s` lists all", strings.Join(near, " or "), e.list)
	case len(e.others) == 0 && e.create:
		return create
	case len(e.others) == 0:
		return "there are none"
	case len(e.others) > few:
		return fmt.Sprintf("there are %d others, such as %s: `%s` lists them", len(e.others), strings.Join(e.others[:3], ", "), e.list)
	case e.create:
		return fmt.Sprintf("%s; name one with --collection, or %s", thereIs(e.others), create)
	}
	return thereIs(e.others)
}

// thereIs says which collections there are: "there are a, b and c".
func thereIs(names []string) string {
	if len(names) == 1 {
		return "there is " + names[0]
	}
	last := len(names) - 1
	return "there are " + strings.Join(names[:last], ", ") + " and " + names[last]
}
