package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manCommand writes the manual pages that packages carry.
func manCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			for name, page := range manual(root) {
				if err := writeText(filepath.Join(args[0], name), page); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// manual returns a page for akin and each of its commands, by the name of its file.
func manual(root *cobra.Command) map[string]string {
	pages := map[string]string{}
	var add func(cmd *cobra.Command)
	add = func(cmd *cobra.Command) {
		pages[manName(cmd)+".1"] = manPage(cmd)
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() && sub.Name() != "help" {
				add(sub)
			}
		}
	}
	add(root)
	return pages
}

// manName is how man pages name a command: akin-models-add.
func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage returns a command's page in the language of man(7).
func manPage(cmd *cobra.Command) string {
	var b strings.Builder
	v := version()
	day, _, _ := strings.Cut(v.Date, "T")
	fmt.Fprintf(&b, ".TH %s 1 \"%s\" \"akin %s\" \"akin\"\n", strings.ToUpper(manName(cmd)), day, strings.TrimPrefix(v.Version, "v"))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(manName(cmd)), roff(cmd.Short))
	b.WriteString(".SH SYNOPSIS\n")
	if cmd.Runnable() && cmd.HasParent() {
		fmt.Fprintf(&b, ".B %s\n", roff(cmd.UseLine()))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, ".br\n.B %s\n.I command\n.RI [ flags ]\n", roff(cmd.CommandPath()))
	}
	if cmd.Long != "" {
		b.WriteString(".SH DESCRIPTION\n")
		manText(&b, cmd.Long)
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString(".SH COMMANDS\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() && sub.Name() != "help" {
				fmt.Fprintf(&b, ".TP\n.BR %s (1)\n%s\n", roff(manName(sub)), roff(sub.Short))
			}
		}
	}
	if flags := cmd.LocalNonPersistentFlags(); flags.HasAvailableFlags() && cmd.HasParent() {
		b.WriteString(".SH OPTIONS\n")
		manFlags(&b, flags)
	}
	if cmd.HasParent() {
		b.WriteString(".PP\nThe options of every command are in\n.BR akin (1).\n")
	} else {
		b.WriteString(".SH OPTIONS OF EVERY COMMAND\n")
		manFlags(&b, cmd.PersistentFlags())
	}
	if cmd.Example != "" {
		b.WriteString(".SH EXAMPLES\n")
		manVerbatim(&b, undent(cmd.Example))
	}
	if !cmd.HasParent() {
		b.WriteString(".SH ENVIRONMENT\n")
		for _, v := range variables {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(v.name), roff(v.about))
		}
		b.WriteString(".SH EXIT STATUS\n.TP\n.B 0\ndone\n.TP\n.B 1\nfailed\n.TP\n.B 2\nwrong usage\n.TP\n.B 3\ndone, but some pictures could not be read\n")
	}
	if cmd.HasParent() {
		fmt.Fprintf(&b, ".SH SEE ALSO\n.BR %s (1)\n", roff(manName(cmd.Parent())))
	}
	return b.String()
}

// manText writes paragraphs; one with indented lines stays as it is.
func manText(b *strings.Builder, text string) {
	for p := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		b.WriteString(".PP\n")
		if strings.HasPrefix(p, " ") || strings.Contains(p, "\n ") {
			manVerbatim(b, p)
			continue
		}
		for line := range strings.SplitSeq(p, "\n") {
			b.WriteString(roff(line) + "\n")
		}
	}
}

// manVerbatim writes lines that are neither filled nor hyphenated.
func manVerbatim(b *strings.Builder, text string) {
	b.WriteString(".nf\n")
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		b.WriteString(roff(line) + "\n")
	}
	b.WriteString(".fi\n")
}

func manFlags(b *strings.Builder, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := `\fB` + roff("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			name = `\fB` + roff("-"+f.Shorthand) + `\fR, ` + name
		}
		value, usage := flagText(f)
		if value != "" {
			name += ` \fI` + roff(value) + `\fR`
		}
		fmt.Fprintf(b, ".TP\n%s\n%s\n", name, roff(usage))
	})
}

var roffCharacters = strings.NewReplacer(`\`, `\e`, "-", `\-`, "’", `\(cq`, "“", `\(lq`, "”", `\(rq`, "–", `\(en`, "…", `.\|.\|.`, "~", `\(ti`, "^", `\(ha`, "`", `\(ga`, "'", `\(aq`)

// roff escapes a line of text: a hyphen that can be copied, and nothing at its start that is a request.
func roff(line string) string {
	line = roffCharacters.Replace(line)
	if strings.HasPrefix(line, ".") {
		return `\&` + line
	}
	return line
}
