package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// helpWidth is the width of every help text, in cells: that of a narrow terminal, else 80.
var helpWidth = 80

// setHelpWidth makes help texts fit a terminal.
func setHelpWidth(t *term.Terminal) {
	if t.TTY {
		helpWidth = max(40, min(80, t.Width()))
	}
}

// helpTemplate is cobra's, in the same order, with everything wrapped.
const helpTemplate = `{{with or .Long .Short}}{{paragraphs .}}

{{end}}{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}`

// usageTemplate is cobra's but for what wraps lines.
const usageTemplate = `Usage:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [command]{{end}}{{if .Aliases}}

Aliases:
  {{.NameAndAliases}}{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}{{$cmds := .Commands}}{{range $group := .Groups}}

{{.Title}}{{range $cmds}}{{if and (eq .GroupID $group.ID) .IsAvailableCommand}}
  {{hanging .Name .NamePadding .Short}}{{end}}{{end}}{{end}}{{if not .AllChildCommandsHaveGroup}}

{{if .Groups}}Additional commands:{{else}}Commands:{{end}}{{range $cmds}}{{if and (eq .GroupID "") (or .IsAvailableCommand (eq .Name "help"))}}
  {{hanging .Name .NamePadding .Short}}{{end}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{flagUsages .LocalFlags}}{{end}}{{if .HasAvailableInheritedFlags}}

Flags of every command:
{{flagUsages .InheritedFlags}}{{end}}{{if .HasHelpSubCommands}}

Topics:{{range .Commands}}{{if .IsAdditionalHelpTopicCommand}}
  {{.CommandPath}}  {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableSubCommands}}

"{{.CommandPath}} [command] --help" has more about a command.{{end}}
`

func init() {
	cobra.AddTemplateFuncs(map[string]any{"paragraphs": paragraphs, "flagUsages": flagUsages, "hanging": hanging})
}

// paragraphs wraps a text's paragraphs, and of those with indented lines each line for itself.
func paragraphs(s string) string {
	var out []string
	for p := range strings.SplitSeq(strings.TrimSpace(s), "\n\n") {
		if !strings.HasPrefix(p, " ") && !strings.Contains(p, "\n ") {
			out = append(out, term.WrapText(p, helpWidth))
			continue
		}
		lines := strings.Split(p, "\n")
		for i, line := range lines {
			if text := strings.TrimLeft(line, " "); utf8.RuneCountInString(line) > helpWidth {
				indent := line[:len(line)-len(text)]
				lines[i] = indent + strings.ReplaceAll(term.WrapText(text, helpWidth-len(indent)), "\n", "\n"+indent)
			}
		}
		out = append(out, strings.Join(lines, "\n"))
	}
	return strings.Join(out, "\n\n")
}

// hanging puts what a command does beside its name, and goes on below it.
func hanging(name string, padding int, does string) string {
	begin := 2 + padding + 1
	text := term.WrapText(does, max(20, helpWidth-begin))
	return fmt.Sprintf("%-*s %s", padding, name, strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", begin)))
}

// flagUsages lists flags; what each means is below it, where it does not fit beside.
func flagUsages(f *pflag.FlagSet) string {
	return strings.TrimRight(f.FlagUsagesWrapped(helpWidth), "\n")
}

// helpCommand is `akin help COMMAND`. A command that does not exist is an error, as it is without help.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return wrongArguments(cmd, rest, fmt.Errorf("unknown command %q for %q", rest[0], cmd.CommandPath()))
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			for _, sub := range cmd.Commands() {
				if sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() {
					names = append(names, sub.Name()+"\t"+sub.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
