// Package render writes what commands find: tables and sentences for people, CSV, JSON and
// paths for programs, and HTML pages. It prints nothing that can move a terminal's cursor.
package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Output is where a command writes, and in which form.
type Output struct {
	JSON        bool // one document instead of tables
	Quiet       bool // no notes, no progress
	Spreadsheet bool // CSV is safe to open in a spreadsheet

	Text    io.Writer      // stdout, for people: control sequences are escaped
	Data    io.Writer      // stdout, for programs; escaped too where it is a terminal
	Errors  io.Writer      // stderr, escaped
	Screen  *term.Terminal // stdout
	Console *term.Terminal // stderr
}

// New returns the output to these streams.
func New(stdout, stderr io.Writer) *Output {
	o := &Output{Text: term.NewCleaner(stdout), Data: stdout, Errors: term.NewCleaner(stderr), Screen: term.Detect(stdout), Console: term.Detect(stderr)}
	if o.Screen.TTY {
		o.Data = o.Text
	}
	return o
}

// Divert makes the answer go to w, which shows it on the screen.
func (o *Output) Divert(w io.Writer) {
	o.Text, o.Screen.W = term.NewCleaner(w), w
	o.Data = o.Text
}

// Document writes one JSON document.
func (o *Output) Document(v any) error { return o.encoder().Encode(v) }

// encoder writes JSON to stdout, a document a line.
func (o *Output) encoder() *json.Encoder {
	enc := json.NewEncoder(term.NewJSONCleaner(o.Data))
	enc.SetEscapeHTML(false)
	return enc
}

// Result writes a command's answer: as JSON where that was asked for, else as table does.
func (o *Output) Result(v any, table func() error) error {
	if o.JSON {
		return o.Document(v)
	}
	return table()
}

// Linef writes a line of the answer.
func (o *Output) Linef(format string, args ...any) error {
	_, err := fmt.Fprintln(o.Text, term.Clean(fmt.Sprintf(format, args...)))
	return err
}

// sentences writes sentences of the answer, a line each; a terminal's lines end between words.
func (o *Output) sentences(all ...string) error {
	for _, s := range all {
		if _, err := fmt.Fprintln(o.Text, o.Screen.Wrap(term.Clean(s))); err != nil {
			return err
		}
	}
	return nil
}

// indented writes a sentence of the answer behind an indent; a terminal's lines end between words, and all begin there.
func (o *Output) indented(indent, s string) error {
	if s = term.Clean(s); o.Screen.TTY {
		s = strings.ReplaceAll(term.WrapText(s, max(20, o.Screen.Width()-len(indent))), "\n", "\n"+indent)
	}
	_, err := fmt.Fprintln(o.Text, indent+s)
	return err
}

// Notef writes a note to stderr, unless --quiet is given.
func (o *Output) Notef(format string, args ...any) {
	if !o.Quiet {
		o.Warnf(format, args...)
	}
}

// Warnf writes a line to stderr, also with --quiet.
func (o *Output) Warnf(format string, args ...any) {
	fmt.Fprintln(o.Errors, o.Console.Wrap("akin: "+term.Clean(fmt.Sprintf(format, args...))))
}

// Progress starts a progress line on stderr.
func (o *Output) Progress() *term.Progress { return term.NewProgress(o.Console, o.Quiet) }

// heading writes a bold line.
func (o *Output) heading(text string) error {
	_, err := fmt.Fprintln(o.Screen.W, o.Screen.Paint(term.Clean(text), term.Bold))
	return err
}
