package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// docsCommand writes the reference of the commands; `go generate ./cmd/akin` runs it.
func docsCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "docs FILE",
		Short:  "Write the reference of the commands",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return writeText(args[0], reference(root))
		},
	}
}

// reference returns the reference of all commands in Markdown.
func reference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("<!-- Made by `go generate ./cmd/akin`. Do not edit. -->\n\n# Commands\n\n" +
		"After this page you can look up every command of akin and its flags. `akin COMMAND --help` prints the same.\n")
	for _, g := range root.Groups() {
		fmt.Fprintf(&b, "\n**%s**\n\n", strings.TrimSuffix(g.Title, ":"))
		for _, cmd := range root.Commands() {
			if cmd.GroupID == g.ID {
				fmt.Fprintf(&b, "- [`%s`](#%s): %s\n", cmd.CommandPath(), anchor(cmd), cmd.Short)
			}
		}
	}
	b.WriteString("\n## All commands\n\nThese flags work with every command.\n\n")
	writeFlags(&b, root.PersistentFlags())
	for _, g := range root.Groups() {
		for _, cmd := range root.Commands() {
			if cmd.GroupID == g.ID {
				writeCommand(&b, cmd)
			}
		}
	}
	for _, cmd := range root.Commands() {
		if cmd.GroupID == "" && cmd.IsAvailableCommand() && cmd.Name() != "help" {
			writeCommand(&b, cmd)
		}
	}
	b.WriteString("\n## Environment\n\n| variable | meaning |\n| --- | --- |\n")
	for _, v := range variables {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(v.name, ", ", "`, `"), v.about)
	}
	b.WriteString("\n## Exit status\n\n0: done. 1: failed. 2: wrong usage. 3: done, but some pictures could not be read, now or in an earlier run of `akin index`; they were listed.\n")
	return b.String()
}

func writeCommand(b *strings.Builder, cmd *cobra.Command) {
	level := strings.Repeat("#", 1+strings.Count(cmd.CommandPath(), " "))
	fmt.Fprintf(b, "\n%s %s\n\n%s.\n\n```\n%s\n```\n", level, cmd.CommandPath(), cmd.Short, cmd.UseLine())
	if cmd.Long != "" {
		fmt.Fprintf(b, "\n```text\n%s\n```\n", strings.TrimSpace(cmd.Long))
	}
	if cmd.Example != "" {
		fmt.Fprintf(b, "\nExamples:\n\n```sh\n%s\n```\n", undent(cmd.Example))
	}
	if cmd.LocalNonPersistentFlags().HasAvailableFlags() {
		b.WriteString("\n")
		writeFlags(b, cmd.LocalNonPersistentFlags())
	}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			writeCommand(b, sub)
		}
	}
}

func writeFlags(b *strings.Builder, flags *pflag.FlagSet) {
	b.WriteString("| flag | meaning |\n| --- | --- |\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		value, usage := flagText(f)
		if value != "" {
			name += " " + value
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", name, strings.ReplaceAll(usage, "|", `\|`))
	})
}

// flagText returns the name of a flag's value, "" where it has none, and what the flag does, with its default.
func flagText(f *pflag.Flag) (value, usage string) {
	value, usage = pflag.UnquoteUsage(f)
	switch f.DefValue {
	case "", "false", "[]", "0", "0s":
	default:
		usage += " (default " + f.DefValue + ")"
	}
	return value, usage
}

func anchor(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// undent removes the two spaces before each line of an example.
func undent(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, "  ")
	}
	return strings.Join(lines, "\n")
}
