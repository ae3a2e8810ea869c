package main

import (
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// paged are the commands whose answers are lists, tables or texts to read. The others work for long and tell how far they
// are, or ask.
var paged = []string{
	"search", "dupes", "compare", "eval", "advise", "disagree", "bias", "context", "probe", "explain", "info", "tag", "collections",
	"models", "inspect", "doctor", "config",
}

// pagerFrom returns the pager that the environment names, as git does: $AKIN_PAGER, $PAGER, less. It is "" for none.
func pagerFrom(env func(string) (string, bool)) string {
	for _, name := range []string{"AKIN_PAGER", "PAGER"} {
		if value, ok := env(name); ok {
			return value
		}
	}
	return "less"
}

// page shows the answer of a command in a pager, if it is one to read, and a person reads it at a terminal.
func (a *app) page(cmd *cobra.Command) {
	out, isFile := a.Screen.W.(*os.File)
	if a.noPager || !isFile || !a.Screen.TTY || a.env.pager == "" || a.env.pager == "cat" || !slices.Contains(paged, topmost(cmd).Name()) {
		return
	}
	if err := term.CheckPager(a.env.pager); err != nil {
		if a.env.pager != "less" {
			a.Notef("%v; AKIN_PAGER names another, cat for none", err)
		}
		return
	}
	a.pager = term.NewPager(a.Screen, out, a.env.pager)
	a.Divert(a.pager)
}

// endPaging shows what is still held back, and waits until the person has read it.
func (a *app) endPaging() error {
	if a.pager == nil {
		return nil
	}
	return a.pager.Close()
}
