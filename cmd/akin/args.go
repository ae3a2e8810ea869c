package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

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
	err = countedPlainly(cmd, args, err)
	if near := nearCommands(cmd, args); near != "" {
		err = fmt.Errorf("%w; did you mean %s?", err, near)
	}
	return usagef("%w (see `%s --help`)", err, cmd.CommandPath())
}

// countedPlainly says which argument is missing, or one too many, where an error of cobra says how many there are.
func countedPlainly(cmd *cobra.Command, args []string, err error) error {
	text := err.Error()
	if strings.HasPrefix(text, "unknown command") && !cmd.HasSubCommands() {
		return fmt.Errorf("unexpected argument %q", args[0])
	}
	if !strings.Contains(text, "arg(s)") {
		return err
	}
	needed, most := argumentsOf(cmd.Use)
	if len(args) < len(needed) {
		return fmt.Errorf("%s is missing", strings.Join(needed[len(args):], " and "))
	}
	return fmt.Errorf("unexpected argument %q", args[min(most, len(args)-1)])
}

// argumentsOf returns the arguments that a line of usage names, and how many there may be with the optional ones.
func argumentsOf(use string) (needed []string, most int) {
	words := strings.Fields(use)[1:]
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w == "|": // another form
			return needed, most
		case strings.HasPrefix(w, "--"):
			i++ // and its value
		case strings.HasPrefix(w, "["):
			most++
		default:
			needed, most = append(needed, w), most+1
		}
	}
	return needed, most
}
