package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// release is the version of the next release, for programs built from a working tree. A release is built with
// -ldflags "-X main.release=… -X main.commit=… -X main.date=…", and so is one from sources without their history.
var release = "v0.1.0-dev"

// commit and date are what -ldflags say of the commit that the program was built from.
var commit, date string

// build is a version of akin.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Date     string `json:"date,omitempty"`     // of the commit
	Modified bool   `json:"modified,omitempty"` // after the commit
	Go       string `json:"go"`
}

// version returns what the program was linked with, else what the Go toolchain recorded in it.
func version() build {
	b := build{Version: release, Commit: commit, Date: date, Go: runtime.Version()}
	if commit != "" {
		return b
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	// A working tree without a tag has v0.0.0 and its commit, which stand beside it here.
	if v := info.Main.Version; v != "" && v != "(devel)" && !strings.HasPrefix(v, "v0.0.0-") {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (b build) String() string {
	commit := "unknown commit"
	if b.Commit != "" {
		commit = b.Commit[:min(12, len(b.Commit))]
	}
	if b.Modified {
		commit += ", modified"
	}
	return fmt.Sprintf("%s (%s, %s)", b.Version, commit, cmp.Or(b.Date, "unknown date"))
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version, commit and date",
		Long:    "Prints the version of akin, and the commit and date it was built from.",
		Example: "  akin version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b := version()
			return a.Result(b, func() error { return a.Linef("akin %s, %s", b, b.Go) })
		},
	}
}
