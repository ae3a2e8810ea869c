package main

import (
	"context"
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
	"golang.org/x/net/netutil"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/internal/server"
	"github.com/akin-search/akin/web"
)

func (a *app) serveCommand() *cobra.Command {
	var o server.Options
	var listen string
	var insecure, private bool
	var ready string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the web page and the HTTP API",
		Long: `Serves a page to search, compare and look around with, and an HTTP API for
programs (docs at /docs): the collection of --collection, else all in your data folder.

Only this machine can reach it, unless --listen names another address; then clients
must know a --token, which $AKIN_TOKEN can hold as well. Pictures' addresses that
clients ask with are fetched from the public internet only, and nothing is ever
served but pictures that were indexed.`,
		Example: `  akin serve                                     then open http://127.0.0.1:7777
  akin serve -c shop --listen 127.0.0.1:8080
  AKIN_TOKEN=… akin serve --listen 0.0.0.0:7777 --host pictures.example.org
  akin serve --prefix /akin                      behind a proxy that keeps the path
  curl -F picture=@cat.jpg http://127.0.0.1:7777/api/v1/collections/default/search`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ready != "" {
				return a.askReady(cmd.Context(), ready)
			}
			if o.Token == "" {
				o.Token = os.Getenv("AKIN_TOKEN")
			}
			open, err := isLoopback(listen)
			switch {
			case err != nil:
				return usagef("--listen %s: %w", listen, err)
			case !open && o.Token == "" && !insecure:
				return usagef("--listen %s: others can reach that address: give a --token that they must know, or --insecure to let everyone in", listen)
			}
			if err := checkServe(&o); err != nil {
				return err
			}
			if !open && o.Token == "" {
				fmt.Fprintln(a.err, "akin: --insecure: whoever reaches this server may search, tag and index")
			}
			if a.collection != "" {
				if o.Collection, err = akin.DefaultPath(a.collection); err != nil {
					return err
				}
			}
			if !open && o.IndexUnder == nil {
				o.IndexUnder = []string{}
			}
			o.Open = a.options()
			o.Open.PublicOnly = !private
			if o.Open.MaxPixels == 0 {
				o.Open.MaxPixels = servedPixels
			}
			o.Version, o.Page, o.Log = version(), web.Page(), a.log()
			s, err := server.New(o)
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), s, listen, o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&listen, "listen", "127.0.0.1:7777", "`ADDRESS:PORT` to listen at; port 0 takes a free one")
	f.StringVar(&o.Token, "token", "", "what clients must know ($AKIN_TOKEN)")
	f.BoolVar(&insecure, "insecure", false, "listen at an address that others can reach without a token")
	f.StringArrayVar(&o.Hosts, "host", nil, "a `NAME` that clients know this server by, beside localhost and its addresses (repeatable)")
	f.StringVar(&o.Prefix, "prefix", "", "the `PATH` that everything lies under, where a proxy keeps it")
	f.StringArrayVar(&o.Origins, "origin", nil, "another site whose pages may use the API: `https://HOST` (repeatable)")
	f.StringArrayVar(&o.IndexUnder, "index-under", nil, "clients may have this `FOLDER` indexed and what is under it (repeatable; else any on loopback, and none elsewhere but those that were)")
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

// serve listens until the command is interrupted.
func (a *app) serve(ctx context.Context, s *server.Server, listen string, o server.Options) error {
	defer s.Close()
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	a.notef("akin: http://%s%s/", l.Addr(), o.Prefix)
	if err := s.Serve(ctx, netutil.LimitListener(l, connections)); err != nil {
		return err
	}
	return s.Close()
}

// servedPixels are those of the largest picture that a server decodes, unless told
// otherwise: it has several to decode at a time.
const servedPixels = 100_000_000

// connections are how many may be open at one time; others wait for the system to let them in.
const connections = 2048
