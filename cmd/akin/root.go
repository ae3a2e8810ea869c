package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "akin",
		Short: "Find pictures that look alike, and see what each vision model means by it",
		Long: `akin finds pictures that look alike, and shows what "alike" means to each vision
model. Index a folder of pictures first, then search for what looks like a picture.`,
		Example: `  akin index ~/Pictures               index a folder; again: only what changed
  akin search ~/Downloads/cat.jpg     find what looks like this file
  akin search Chad --top 5            find what looks like this indexed picture
  akin compare Chad --html chad.html  see the hits of every model side by side`,
		Version:       version().String(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          showHelp,
	}
	root.SetVersionTemplate("akin {{.Version}}\n")
	root.SetHelpTemplate(helpTemplate)
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpCommand(helpCommand(root))
	root.CompletionOptions.HiddenDefaultCmd = true
	cobra.EnableCommandSorting = false // the groups below are in order
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if strings.HasPrefix(err.Error(), "unknown shorthand") {
			err = fmt.Errorf("%w; put -- before a name that starts with a dash", err)
		}
		if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
			err = wrongValue(e)
		}
		return usagef("%w (see `%s --help`)", err, cmd.CommandPath())
	})
	a.flags(root.PersistentFlags())
	for _, g := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"search", "Search:", []*cobra.Command{a.searchCommand(), a.dupesCommand(), a.mapCommand()}},
		{"models", "Compare models:", []*cobra.Command{a.compareCommand(), a.evalCommand(), a.adviseCommand(), a.disagreeCommand(),
			a.biasCommand(), a.contextCommand(), a.probeCommand(), a.explainCommand()}},
		{"collection", "Collection:", []*cobra.Command{a.indexCommand(), a.infoCommand(), a.tagCommand(), a.importCommand(), a.exportCommand(),
			a.copyCommand(), a.dropCommand(), a.verifyCommand(), a.benchCommand()}},
		{"tools", "Models and pictures:", []*cobra.Command{a.modelsCommand(), a.pullCommand(), a.verifyModelCommand(), a.embedCommand(), a.inspectCommand(), a.fetchCommand(), a.doctorCommand(), a.updateCommand()}},
		{"server", "Server:", []*cobra.Command{a.serveCommand(), a.mcpCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, cmd := range g.commands {
			cmd.GroupID = g.id
			root.AddCommand(cmd)
		}
	}
	root.AddCommand(a.versionCommand(), docsCommand(root), manCommand(root), environmentTopic())
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return a.check() }
	a.env.apply()
	finish(root)
	return root
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// wrongValue says what a flag takes, where the error's own text is that of Go's parsers.
func wrongValue(e *pflag.InvalidValueError) error {
	want := ""
	if _, ok := errors.AsType[*strconv.NumError](e); ok {
		switch e.GetFlag().Value.Type() {
		case "int":
			want = "a whole number"
		case "float", "float64":
			want = "a number"
		case "bool":
			want = "true or false"
		}
	} else if e.GetFlag().Value.Type() == "duration" {
		want = "a duration, such as 10s"
	}
	if want == "" {
		return e
	}
	return fmt.Errorf("--%s %s: use %s", e.GetFlag().Name, e.GetValue(), want)
}

// nearCommands returns the subcommands that a wrong one may mean: those that differ in the fewest letters, two at most.
func nearCommands(cmd *cobra.Command, args []string) string {
	if !cmd.HasSubCommands() || len(args) == 0 {
		return ""
	}
	for cmd.SuggestionsMinimumDistance = range 3 {
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			return strings.Join(near, " or ")
		}
	}
	return ""
}

// wrongArguments returns a usage error that names the help, and the commands that a wrong one may mean.
func wrongArguments(cmd *cobra.Command, args []string, err error) error {
	if near := nearCommands(cmd, args); near != "" {
		err = fmt.Errorf("%w; did you mean %s?", err, near)
	}
	return usagef("%w (see `%s --help`)", err, cmd.CommandPath())
}

// finish lists flags in the order they are defined, and makes a wrong number of arguments a usage
// error that names the help.
func finish(cmd *cobra.Command) {
	cmd.Flags().SortFlags = false
	cmd.PersistentFlags().SortFlags = false
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return wrongArguments(cmd, args, err)
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		finish(sub)
	}
}
