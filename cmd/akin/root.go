package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/internal/record"
)

func (a *app) root() *cobra.Command {
	setHelpWidth(a.Screen)
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
		RunE:          func(cmd *cobra.Command, _ []string) error { return a.greet(cmd.Context()) },
	}
	root.SetVersionTemplate("akin {{.Version}}\n")
	root.SetHelpTemplate(helpTemplate)
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpCommand(helpCommand(root))
	root.CompletionOptions.HiddenDefaultCmd = true
	cobra.EnableCommandSorting = false // the groups below are in order
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
			err = unknownFlag(cmd, e)
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
			a.biasCommand(), a.contextCommand(), a.probeCommand(), a.explainCommand(), a.matchCommand()}},
		{"collection", "Collection:", []*cobra.Command{a.initCommand(), a.indexCommand(), a.infoCommand(), a.tagCommand(), a.importCommand(), a.exportCommand(),
			a.collectionsCommand(), a.copyCommand(), a.dropCommand(), a.verifyCommand(), a.benchCommand()}},
		{"tools", "Models and pictures:", []*cobra.Command{a.modelsCommand(), a.pullCommand(), a.verifyModelCommand(), a.embedCommand(), a.inspectCommand(), a.fetchCommand(), a.doctorCommand(), a.configCommand(), a.updateCommand()}},
		{"server", "Server:", []*cobra.Command{a.openCommand(), a.serveCommand(), a.mcpCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, cmd := range g.commands {
			cmd.GroupID = g.id
			root.AddCommand(cmd)
		}
	}
	root.AddCommand(a.versionCommand(), docsCommand(root), manCommand(root), environmentTopic())
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if !slices.Contains(withoutSettings, topmost(cmd).Name()) {
			if err := a.configure(cmd.Flags()); err != nil {
				return err
			}
		}
		if err := a.check(); err != nil {
			return err
		}
		a.page(cmd)
		return nil
	}
	a.env.apply()
	finish(root)
	a.complete(root)
	return root
}

// withoutSettings are the commands that run where the config file is wrong: they mend it, or use nothing of it. Completion
// reads it by itself, for the command that is being typed.
var withoutSettings = []string{"config", "help", "version", "update", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}

// topmost returns the command directly under akin that a command is of.
func topmost(cmd *cobra.Command) *cobra.Command {
	for cmd.HasParent() && cmd.Parent().HasParent() {
		cmd = cmd.Parent()
	}
	return cmd
}

// hideFlag leaves a flag out of help and the reference.
func hideFlag(f *pflag.Flag) { f.Hidden = true }

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// unknownFlag says which flag may be meant. Behind one dash may be a name, or a picture that is to be subtracted.
func unknownFlag(cmd *cobra.Command, e *pflag.NotExistError) error {
	word := e.GetSpecifiedShortnames() // what follows the letters that are known: "op" of -top where -t is a flag
	var names []string
	whole := ""
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		names = append(names, f.Name)
		if word != "" && strings.HasSuffix(f.Name, word) && len(f.Name) <= len(word)+1 {
			whole = f.Name
		}
	})
	if word == "" {
		if near := record.Closest(e.GetSpecifiedName(), slices.Values(names)); len(near) > 0 {
			return fmt.Errorf("%w; did you mean --%s?", e, near[0])
		}
		return e
	}
	err := fmt.Errorf("unknown flag -%s", word)
	switch {
	case whole != "":
		return fmt.Errorf("%w; did you mean --%s?", err, whole)
	case cmd.Flags().Lookup("subtract") != nil:
		return fmt.Errorf("%w; a picture is subtracted with a dash of its own, as in - %s, and -- goes before a name that starts with a dash", err, word)
	}
	return fmt.Errorf("%w; put -- before a name that starts with a dash", err)
}

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
