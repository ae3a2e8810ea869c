package main

import (
	"slices"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/akin-search/akin/cmd/akin/internal/render"
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
	format   string // "" is a table, or JSON with --json
	zero     bool
	template *render.Template
}

func (f *formatFlags) flags(a *app, flags *pflag.FlagSet, about string) {
	flags.StringVar(&f.format, "format", "", about)
	flags.BoolVarP(&f.zero, "null", "0", false, "with --format paths or a template: end each line with a zero byte, for xargs -0")
	spreadsheetFlag(a, flags)
}

func spreadsheetFlag(a *app, flags *pflag.FlagSet) {
	flags.BoolVar(&a.Spreadsheet, "spreadsheet", false, "in CSV: put a ' before text that a spreadsheet would run as a formula")
}

// answerFormats are the values of --format that have a name.
var answerFormats = []string{"table", "json", "jsonl", "csv", "paths"}

// check returns the format; jsonl is any that writes a document a line.
func (f *formatFlags) check(a *app) (format string, err error) {
	switch {
	case render.IsTemplate(f.format):
		if a.JSON {
			return "", usagef("--json and a template exclude each other")
		}
		if f.template, err = render.ParseTemplate(f.format, f.zero); err != nil {
			return "", usagef("--format: %w", err)
		}
		return "jsonl", nil
	case f.format == "" && a.JSON:
		return "json", nil
	case f.format == "":
		return "table", nil
	case !slices.Contains(answerFormats, f.format):
		return "", usagef("--format %s: use table, json, jsonl, csv, paths or a template as '{{.name}}'", f.format)
	}
	if a.JSON && f.format != "json" {
		return "", usagef("--json and --format %s exclude each other", f.format)
	}
	return f.format, nil
}

// lines returns what writes each document of an answer.
func (f *formatFlags) lines(a *app) func(document any) error {
	if f.template == nil {
		return a.JSONLines()
	}
	write := a.Templated(f.template)
	return func(document any) error {
		if err := write(document); err != nil {
			return usagef("--format: %w", err)
		}
		return nil
	}
}

const (
	htmlHelp    = "also write a page with the pictures to `FILE`"
	previewHelp = "pictures in the terminal: auto, kitty, iterm, sixel, blocks or none"
)
