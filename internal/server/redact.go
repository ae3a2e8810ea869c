package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
)

// addresses matches what may be a URL in a text.
var addresses = regexp.MustCompile("(?i)https?://[^\\s\"'`<>]+")

// redacted returns a text without the secrets of the URLs in it: user names, passwords, and query strings,
// which hold the signatures of signed links.
func redacted(text string) string {
	return addresses.ReplaceAllStringFunc(text, func(address string) string {
		scheme, rest, _ := strings.Cut(address, "://")
		if _, err := url.Parse(address); err != nil { // a password with a slash looks like a host
			return scheme + "://…"
		}
		if at := strings.IndexAny(rest, "?#"); at >= 0 {
			rest = rest[:at+1] + "…"
		}
		host, path, slash := strings.Cut(rest, "/")
		if at := strings.LastIndexByte(host, '@'); at >= 0 {
			host = "…" + host[at:]
		}
		if slash {
			host += "/" + path
		}
		return scheme + "://" + host
	})
}

// discreet is a log handler that redacts URLs in messages, attributes and errors.
type discreet struct{ slog.Handler }

func (d discreet) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, redacted(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(discreetly(a))
		return true
	})
	return d.Handler.Handle(ctx, out)
}

func (d discreet) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = discreetly(a)
	}
	return discreet{d.Handler.WithAttrs(out)}
}

func (d discreet) WithGroup(name string) slog.Handler { return discreet{d.Handler.WithGroup(name)} }

func discreetly(a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, redacted(v.String()))
	case slog.KindGroup:
		var in []any
		for _, x := range v.Group() {
			in = append(in, discreetly(x))
		}
		return slog.Group(a.Key, in...)
	case slog.KindAny:
		switch x := v.Any().(type) {
		case error:
			return slog.String(a.Key, redacted(x.Error()))
		case fmt.Stringer:
			return slog.String(a.Key, redacted(x.String()))
		}
	}
	return a
}
