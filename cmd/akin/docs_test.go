package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func testRoot(t *testing.T) *cobra.Command {
	for _, v := range []string{"AKIN_COLLECTION", "AKIN_TOKEN"} {
		t.Setenv(v, "a-value-of-this-machine")
	}
	return newApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}).root()
}

func TestReferenceIsUpToDate(t *testing.T) {
	got := reference(testRoot(t))
	want, err := os.ReadFile("../../docs/reference/commands.md")
	if err != nil || got != string(want) {
		t.Errorf("docs/reference/commands.md differs from the commands (%v); run `go generate ./cmd/akin`", err)
	}
	if strings.Contains(got, "of-this-machine") {
		t.Error("the reference has a value of the environment in it")
	}
}

// Every command can be understood from its help: what it does, when, and an example.
func TestEveryCommandIsDocumented(t *testing.T) {
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "environment" {
			return
		}
		top := cmd.HasParent() && !cmd.Parent().HasParent()
		switch {
		case cmd.Short == "" || cmd.Example == "":
			t.Errorf("%s: no description or no example", cmd.CommandPath())
		case top && cmd.Long == "":
			t.Errorf("%s: no long description", cmd.CommandPath())
		case top && cmd.GroupID == "" && cmd.Name() != "version":
			t.Errorf("%s: in no group", cmd.CommandPath())
		}
		for _, path := range regexp.MustCompile(`docs/\S+\.md`).FindAllString(cmd.Long, -1) {
			if _, err := os.Stat("../../" + path); err != nil {
				t.Errorf("%s: %v", cmd.CommandPath(), err)
			}
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%s --%s: %q", cmd.CommandPath(), f.Name, f.Usage)
			}
		})
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(testRoot(t))
}

func TestHelpIs80ColumnsWide(t *testing.T) {
	commands := 0
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		commands++
		var help bytes.Buffer
		cmd.SetOut(&help)
		cmd.InitDefaultHelpFlag()
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(help.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s: a line of %d characters: %s", cmd.CommandPath(), n, line)
			}
		}
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	if check(testRoot(t)); commands < 30 {
		t.Errorf("%d commands", commands)
	}
}

func readSource(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
