package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin/internal/server"
	"github.com/akin-search/akin/web"
)

func (a *app) serveCommand() *cobra.Command {
	var o server.Options
	var listen string
	var open, insecure, private bool
	own := false // the token is the one that is kept
	var ready string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the web page and the HTTP API",
		Long: `Serves a page to search, compare and look around with, and an HTTP API for
programs (docs at /docs): the collection of --collection, else all in your data folder.

It prints the address to open, which has a token in it: the machine may have other users,
and they are not let in. The token is kept in your data folder. $AKIN_TOKEN or --token
sets another one.

Only this machine can reach the server, unless --listen names another address, or --host,
--prefix or --origin say that others come through a proxy. Then a token must be set, and
clients may only have indexed what lies under an --index-under folder. Pictures' addresses
that clients ask with are fetched from the public internet only, and nothing is ever
served but pictures that were indexed.`,
		Example: `  akin serve                                     then open the address that it prints
  akin serve -c shop --listen 127.0.0.1:8080
  AKIN_TOKEN=… akin serve --listen 0.0.0.0:7777 --host pictures.example.org
  AKIN_TOKEN=… akin serve --prefix /akin         behind a proxy that keeps the path
  curl -H "Authorization: Bearer $AKIN_TOKEN" -F picture=@cat.jpg \
    http://127.0.0.1:7777/api/v1/collections/default/search`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ready != "" {
				return a.askReady(cmd.Context(), ready)
			}
			if o.Token == "" {
				o.Token = os.Getenv("AKIN_TOKEN")
			}
			loopback, err := isLoopback(listen)
			if err != nil {
				return usagef("--listen %s: %w", listen, err)
			}
			if err := checkServe(&o); err != nil {
				return err
			}
			others := reachable(listen, loopback, o)
			switch {
			case o.Token != "" && (open || insecure):
				return usagef("a token and --no-token or --insecure exclude each other")
			case o.Token != "":
				if err := server.CheckToken(o.Token); err != nil {
					return usagef("--token: %w", err)
				}
			case insecure:
			case others != "":
				return usagef("%s: others can reach this server: set a token in $AKIN_TOKEN that they must know, or give --insecure to let everyone in", others)
			case !open:
				o.Token, own = ownToken(), true
			}
			if others != "" {
				if o.Token == "" {
					fmt.Fprintln(a.err, "akin: --insecure: whoever reaches this server may search, tag and index")
				}
				if o.IndexUnder == nil {
					o.IndexUnder = []string{}
				}
			}
			if a.collection != "" {
				if o.Collection, err = userHome().CollectionPath(a.collection); err != nil {
					return err
				}
			}
			o.Open = a.options()
			o.Open.PublicOnly = !private
			if o.Open.MaxPixels == 0 {
				o.Open.MaxPixels = servedPixels
			}
			o.Version, o.Page, o.Log = version(), web.Page(), a.log()
			s, err := server.New(cmd.Context(), o)
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), s, listen, o, own)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&listen, "listen", "127.0.0.1:7777", "`ADDRESS:PORT` to listen at; port 0 takes a free one")
	f.StringVar(&o.Token, "token", "", "what clients must know ($AKIN_TOKEN, which no list of processes shows; else one is made and kept)")
	f.BoolVar(&open, "no-token", false, "let in whoever has an account on this machine")
	f.BoolVar(&insecure, "insecure", false, "without a token also where others can reach the server")
	f.StringArrayVar(&o.Hosts, "host", nil, "a `NAME` that clients know this server by, beside localhost and its addresses (repeatable)")
	f.StringVar(&o.Prefix, "prefix", "", "the `PATH` that everything lies under, where a proxy keeps it")
	f.StringArrayVar(&o.Origins, "origin", nil, "another site whose pages may use the API: `https://HOST` (repeatable)")
	f.StringArrayVar(&o.IndexUnder, "index-under", nil, "clients may have this `FOLDER` indexed and what is under it (repeatable; else any, or where others can reach the server, none but those that were)")
	f.BoolVar(&private, "allow-private-addresses", false, "fetch pictures' addresses on this machine and its network as well")
	f.StringVar(&ready, "ready", "", "serve nothing: ask the server at `http://HOST:PORT` whether it is ready, which the exit status tells")
	f.Int64Var(&o.Limits.UploadBytes, "max-upload", 32<<20, "bytes of the largest picture that clients may send")
	return cmd
}

// askReady asks a server that runs whether it is ready, for what watches over it.
func (a *app) askReady(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(address, "/")+"/readyz", nil)
	if err != nil {
		return usagef("--ready %s: %w", address, err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: the server is not ready: %s", address, answer.Status)
	}
	return nil
}

// isLoopback says whether only this machine can reach an address to listen at.
func isLoopback(listen string) (bool, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false, fmt.Errorf("want ADDRESS:PORT, as 127.0.0.1:7777")
	}
	if host == "localhost" {
		return true, nil
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback(), nil
}

// reachable says what lets others than this machine's users reach a server, if anything does.
func reachable(listen string, loopback bool, o server.Options) string {
	switch {
	case !loopback:
		return "--listen " + listen
	case len(o.Hosts) > 0:
		return "--host " + o.Hosts[0]
	case o.Prefix != "":
		return "--prefix " + o.Prefix
	case len(o.Origins) > 0:
		return "--origin " + o.Origins[0]
	}
	return ""
}

// checkServe brings what was given into the form that the server knows.
func checkServe(o *server.Options) error {
	for i, host := range o.Hosts {
		o.Hosts[i] = strings.ToLower(host)
		if strings.ContainsAny(host, "/:") {
			return usagef("--host %s: want a name alone, as pictures.example.org", host)
		}
	}
	for i, folder := range o.IndexUnder {
		real, err := filepath.Abs(folder)
		if err == nil {
			real, err = filepath.EvalSymlinks(real)
		}
		if err != nil {
			return usagef("--index-under %s: %w", folder, err)
		}
		o.IndexUnder[i] = real
	}
	for _, origin := range o.Origins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" {
			return usagef("--origin %s: want a scheme and a host alone, as https://example.org", origin)
		}
	}
	if o.Limits.UploadBytes <= 0 {
		return usagef("--max-upload %d: want at least one byte", o.Limits.UploadBytes)
	}
	if o.Prefix = strings.TrimRight(o.Prefix, "/"); o.Prefix != "" && o.Prefix[0] != '/' {
		return usagef("--prefix %s: want a path that begins with /", o.Prefix)
	}
	return nil
}

// log writes what the server does to stderr: with --verbose each request, with --quiet
// only what went wrong, and with --json an object a line.
func (a *app) log() *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if a.verbose {
		o.Level = slog.LevelDebug
	} else if a.quiet {
		o.Level = slog.LevelError
	}
	if a.json {
		return slog.New(slog.NewJSONHandler(a.err, o))
	}
	return slog.New(slog.NewTextHandler(a.err, o))
}

// serve listens until the command is interrupted. Where is written to stdout, for people to
// open and for programs to read: with the token only where nobody else chose it.
func (a *app) serve(ctx context.Context, s *server.Server, listen string, o server.Options, own bool) error {
	defer s.Close()
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	at := serving{Address: "http://" + l.Addr().String() + o.Prefix + "/"}
	at.Open = at.Address
	if own {
		at.Open += "#token=" + url.QueryEscape(o.Token)
	}
	if a.json {
		err = a.writeJSON(at)
	} else {
		err = a.sayf("%s", at.Open)
	}
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if err := s.Serve(ctx, l); err != nil {
		return err
	}
	return s.Close()
}

// serving tells where a server is.
type serving struct {
	Address string `json:"address"`
	Open    string `json:"open"` // in a browser: what follows # signs it in, and is never sent
}

// servedPixels are those of the largest picture that a server decodes, unless told
// otherwise: it has several to decode at a time.
const servedPixels = 100_000_000
