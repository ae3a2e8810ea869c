package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestEveryCommandHasAManualPage(t *testing.T) {
	root := testRoot(t)
	pages := manual(root)
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		if !cmd.IsAvailableCommand() && cmd.HasParent() || cmd.Name() == "help" {
			return
		}
		page, ok := pages[strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"]
		if !ok {
			t.Errorf("%s has no page", cmd.CommandPath())
		}
		if strings.Contains(page, "of-this-machine") {
			t.Errorf("%s: the page has a value of the environment in it", cmd.CommandPath())
		}
		for _, line := range strings.Split(page, "\n") {
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !regexp.MustCompile(`^\.(TH|SH|B|I|BR|RI|br|TP|PP|nf|fi)\b`).MatchString(line) {
				t.Errorf("%s: %q is read as a request", cmd.CommandPath(), line)
			}
		}
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(root)
}

// groff formats each page without a warning, and what it shows has the flags as they are typed.
func TestManualPagesAreWellFormed(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not installed (Debian: apt-get install groff)")
	}
	dir := t.TempDir()
	if err := manCommand(testRoot(t)).RunE(nil, []string{dir}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(files) < 30 {
		t.Fatalf("%d pages, %v", len(files), err)
	}
	for _, file := range files {
		cmd := exec.Command(groff, "-man", "-Tascii", "-wall", "-rLL=78n", file)
		var problems strings.Builder
		cmd.Stderr = &problems
		shown, err := cmd.Output()
		if err != nil || problems.Len() > 0 {
			t.Errorf("%s: %v\n%s", filepath.Base(file), err, problems.String())
		}
		if filepath.Base(file) == "akin-search.1" {
			// A terminal's bold letters are escaped, or struck twice.
			text := regexp.MustCompile("\x1b\\[[0-9]*m|.\x08").ReplaceAllString(string(shown), "")
			for _, want := range []string{"akin-search - ", "--top int", "akin search Chad"} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "akin.1")); err != nil {
		t.Error(err)
	}
}
