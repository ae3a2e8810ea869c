package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/alter"
)

// completer returns the values that a word may become.
type completer func(ctx context.Context, cmd *cobra.Command, typed string) []string

// complete makes shells complete the values of flags and arguments, wherever a command has them by these names.
func (a *app) complete(root *cobra.Command) {
	words := func(values ...string) completer {
		return func(context.Context, *cobra.Command, string) []string { return values }
	}
	flags := map[string]completer{
		"collection": a.completeCollections, "model": list(a.completeModels), "tag": a.completeTags, "not-tag": a.completeTags,
		"camera":  a.completeValues(func(f api.Facets) []api.FacetValue { return f.Cameras }),
		"lens":    a.completeValues(func(f api.Facets) []api.FacetValue { return f.Lenses }),
		"label":   a.completeValues(func(f api.Facets) []api.FacetValue { return f.Labels }),
		"keyword": a.completeValues(func(f api.Facets) []api.FacetValue { return f.Keywords }),
		"taken":   a.completeValues(func(f api.Facets) []api.FacetValue { return f.Years }),
		"add":     a.completeNames, "subtract": a.completeNames,
		"device":    words("auto", "cpu", "cuda", "coreml", "openvino:gpu", "openvino:npu"),
		"precision": words(api.Precisions...), "background": words("drop", "auto", "white", "black", "grey"),
		"decode": words("exact", "fast", "auto"), "colour": words("keep", "drop"), "fusion": words(api.FusionMethods...), "preview": words("auto", "kitty", "iterm", "sixel", "blocks", "none"),
		"without": list(words(alter.ContextNames()...)),
	}
	names := map[string]completer{ // of what is no file, by the command too
		"rename NAME": a.completeCollections, "rm NAME…": a.completeCollections, "restore NAME": a.completeRemoved,
		"set SETTING": completeSettings, "unset SETTING": completeSettings,
	}
	arguments := map[string]completer{
		"QUERY…": a.completeNames, "[QUERY…]": a.completeNames, "A": a.completeNames, "B": a.completeNames, "[NAME…]": a.completeNames, "NAME…": a.completeNames,
		"TAG": a.completeTags, "MODEL": a.completeModels, "[MODEL]": a.completeModels, "MODEL[@FINGERPRINT]": a.completeModels,
		"FROM": a.completeCollections, "TO": a.completeCollections,
		"[SET]": a.completeSets, "PAIRS.csv|SET": a.completeSets, "[PAIRS.csv|SET]": a.completeSets,
		"PAIRS.csv|LABELS.csv|TRIPLETS.csv|SET": a.completeSets, "[PAIRS.csv|SET|LABELS.csv]": a.completeSets,
	}
	formats := map[string][]string{"search": answerFormats, "dupes": answerFormats, "export": akin.ExportFormats}
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		register := func(f *pflag.Flag) {
			values := flags[f.Name]
			if of := formats[cmd.Name()]; f.Name == "format" && of != nil {
				values = words(of...)
			}
			if values != nil {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, a.completion(values, cobra.ShellCompDirectiveNoFileComp)) // each flag once
			}
		}
		cmd.LocalNonPersistentFlags().VisitAll(register)
		cmd.PersistentFlags().VisitAll(register)
		if all := strings.Fields(cmd.Use)[1:]; cmd.ValidArgsFunction == nil && len(all) > 0 {
			cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
				word := all[min(len(args), len(all)-1)]
				if values := names[cmd.Name()+" "+word]; values != nil {
					return a.completion(values, cobra.ShellCompDirectiveNoFileComp)(cmd, args, typed)
				}
				if values := arguments[word]; values != nil {
					return a.completion(values, cobra.ShellCompDirectiveDefault)(cmd, args, typed)
				}
				return nil, cobra.ShellCompDirectiveDefault // files
			}
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
}

// completion is a completer as cobra asks it: of the values those that begin as what was typed, files too where files are
// possible. A shell waits for it, so it has no more than a second.
func (a *app) completion(values completer, directive cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), time.Second)
		defer cancel()
		_ = a.configure(cmd.Flags()) // what is wrong with it, commands say
		all := values(ctx, cmd, typed)
		return slices.DeleteFunc(slices.Clone(all), func(v string) bool {
			return !strings.HasPrefix(strings.ToLower(v), strings.ToLower(typed))
		}), directive
	}
}

// list completes the last of several values with commas between them.
func list(of completer) completer {
	return func(ctx context.Context, cmd *cobra.Command, typed string) []string {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		var out []string
		for _, v := range of(ctx, cmd, typed[len(before):]) {
			out = append(out, before+v)
		}
		return out
	}
}

// described is a value with what shells show beside it.
func described(value, about string) string {
	if about == "" {
		return value
	}
	return value + "\t" + strings.ReplaceAll(about, "\n", " ")
}

func (a *app) completeCollections(context.Context, *cobra.Command, string) []string {
	names, _ := a.env.home.Collections() // none is no error here
	return names
}

func (a *app) completeRemoved(context.Context, *cobra.Command, string) []string {
	names, _ := a.env.home.Removed() // none is no error here
	return names
}

// completeModels are the models of the collection, and of commands that make embeddings, the installed ones; of pull the
// others.
func (a *app) completeModels(ctx context.Context, cmd *cobra.Command, _ string) []string {
	var names []string
	switch cmd.Name() {
	case "index", "init", "embed", "verify-model", "pull":
		for _, m := range akin.Models(a.options()) {
			if pull := cmd.Name() == "pull"; m.Present != pull && (!pull || m.Pullable) {
				names = append(names, described(m.Name, m.About))
			}
		}
		return names
	}
	c, err := a.open(ctx)
	if err != nil {
		return nil
	}
	defer c.Close()
	info, err := c.Info(ctx)
	if err != nil {
		return nil
	}
	for _, s := range info.Spaces {
		if !slices.Contains(names, s.Model) {
			names = append(names, s.Model)
		}
	}
	return names
}

func (a *app) completeTags(ctx context.Context, _ *cobra.Command, _ string) (names []string) {
	c, err := a.open(ctx)
	if err != nil {
		return nil
	}
	defer c.Close()
	tags, _ := c.Tags(ctx)
	for _, t := range tags {
		names = append(names, t.Tag)
	}
	return names
}

// completeValues are values of the metadata, with how many pictures have each.
func (a *app) completeValues(of func(api.Facets) []api.FacetValue) completer {
	return func(ctx context.Context, _ *cobra.Command, _ string) (values []string) {
		c, err := a.open(ctx)
		if err != nil {
			return nil
		}
		defer c.Close()
		facets, _ := c.Facets(ctx, api.FacetOptions{Limit: 1000}) // none is no error here
		for _, v := range of(facets) {
			values = append(values, described(v.Value, strconv.Itoa(v.Pictures)))
		}
		return values
	}
}

// completeNames are names of pictures; a sign or a weight before one stays.
func (a *app) completeNames(ctx context.Context, _ *cobra.Command, typed string) (names []string) {
	c, err := a.open(ctx)
	if err != nil {
		return nil
	}
	defer c.Close()
	const most = 200 // more than a screen
	list, err := c.Pictures(ctx, api.ListOptions{Typed: typed, Limit: most})
	if err != nil || list.Misspelt {
		return nil
	}
	for _, p := range list.Pictures {
		names = append(names, p.Name)
	}
	return names
}

func (a *app) completeSets(_ context.Context, cmd *cobra.Command, _ string) (names []string) {
	if cmd.Name() != "fetch" {
		for _, s := range akin.PairSets() {
			names = append(names, described(s.Name, s.About))
		}
	}
	if cmd.Name() == "fetch" || cmd.Name() == "eval" {
		for _, s := range akin.LabelledSets() {
			names = append(names, described(s.Name, s.About))
		}
	}
	return names
}

// completeSettings are the names of settings, with what they are.
func completeSettings(context.Context, *cobra.Command, string) (names []string) {
	for _, s := range settings {
		names = append(names, described(s.name, s.about))
	}
	return names
}
