package main

import (
	"slices"
	"strconv"

	"github.com/spf13/pflag"
)

// optional is a number that a flag may leave out.
type optional struct{ to **float64 }

func (o optional) String() string {
	if o.to == nil || *o.to == nil {
		return ""
	}
	return strconv.FormatFloat(**o.to, 'g', -1, 64)
}

func (o optional) Set(s string) error {
	v, err := strconv.ParseFloat(s, 64)
	*o.to = &v
	return err
}

func (o optional) Type() string { return "float" }

// formatFlags choose the format of an answer.
type formatFlags struct {
	format string // "" is a table, or JSON with --json
	zero   bool
}

func (f *formatFlags) flags(a *app, flags *pflag.FlagSet, about string) {
	flags.StringVar(&f.format, "format", "", about)
	flags.BoolVarP(&f.zero, "null", "0", false, "with --format paths: end each path with a zero byte, for xargs -0")
	spreadsheetFlag(a, flags)
}

func spreadsheetFlag(a *app, flags *pflag.FlagSet) {
	flags.BoolVar(&a.Spreadsheet, "spreadsheet", false, "in CSV: put a ' before text that a spreadsheet would run as a formula")
}

// answerFormats are the values of --format.
var answerFormats = []string{"table", "json", "jsonl", "csv", "paths"}

// check returns the format.
func (f *formatFlags) check(a *app) (string, error) {
	switch {
	case f.format == "" && a.JSON:
		return "json", nil
	case f.format == "":
		return "table", nil
	case !slices.Contains(answerFormats, f.format):
		return "", usagef("--format %s: use table, json, jsonl, csv or paths", f.format)
	}
	if a.JSON && f.format != "json" {
		return "", usagef("--json and --format %s exclude each other", f.format)
	}
	return f.format, nil
}

const (
	htmlHelp    = "also write a page with the pictures to `FILE`"
	previewHelp = "pictures in the terminal: auto, kitty, iterm, sixel, blocks or none"
)
