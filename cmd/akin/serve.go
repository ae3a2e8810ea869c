package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/docs"
	"github.com/akin-search/akin/internal/server"
	"github.com/akin-search/akin/web"
)

const privateHelp = "also fetch addresses of pictures on this machine and its network"

// servedPixels is the default limit of a served picture: several are decoded at a time.
const servedPixels = 100_000_000

type serveOptions struct {
	server.Options
	listen   string
	noToken  bool
	insecure bool
	private  bool
	ready    string
	stdin    bool

	ownToken bool // the token is this user's stored one
	browse   bool // show the page in a browser
}

func (a *app) serveCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the web page and the HTTP API",
		Long: `Serves a web page to search, compare and explore with, and an HTTP API for programs,
documented at /docs. It serves the collection of --collection, else all in your data
folder.

It prints the address to open, with a token in it, because the machine may have other
users. The token is stored in your data folder; $AKIN_TOKEN or --token sets another.

Only this machine can reach the server, unless --listen names another address, or --host,
--prefix or --origin say that others reach it through a proxy. Then you must set a token,
and clients can index only folders under --index-under. Addresses of pictures are fetched
from the public internet only. Only indexed pictures are ever served, and no file is ever
changed; with --allow-trash, clients can move duplicates to the trash.`,
		Example: `  akin serve                             then open the address that it prints
  akin serve -c shop --listen 127.0.0.1:8080
  AKIN_TOKEN=… akin serve --listen 0.0.0.0:7777 --host pictures.example.org
  AKIN_TOKEN=… akin serve --prefix /akin  behind a proxy that keeps the path
  curl -H "Authorization: Bearer $AKIN_TOKEN" -F picture=@cat.jpg \
    http://127.0.0.1:7777/api/v1/collections/default/search`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *serveOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.listen, "listen", "127.0.0.1:7777", "`ADDRESS:PORT` to listen on, where port 0 chooses a free one; or unix:PATH, a socket that only you can connect to")
	f.StringVar(&o.Token, "token", "", "the token that clients must send (default: $AKIN_TOKEN, which no process list shows, else a stored one)")
	f.BoolVar(&o.noToken, "no-token", false, "let in everyone with an account on this machine")
	f.BoolVar(&o.insecure, "insecure", false, "let in everyone who reaches the server, without a token")
	f.StringArrayVar(&o.Hosts, "host", nil, "a `NAME` of this server, besides localhost and its addresses (repeatable)")
	f.StringVar(&o.Prefix, "prefix", "", "the `PATH` that everything is served under, behind a proxy that keeps it")
	f.StringArrayVar(&o.Origins, "origin", nil, "another site whose pages may use the API: `https://HOST` (repeatable)")
	f.StringArrayVar(&o.IndexUnder, "index-under", nil, "clients may index `FOLDER` and what is under it (repeatable; default: any folder; or, if others can reach the server, only folders indexed before)")
	f.BoolVar(&o.AllowTrash, "allow-trash", false, "clients may move duplicates to the trash of the user who runs the server, and put them back; needs a token")
	f.BoolVar(&o.private, "allow-private-addresses", false, privateHelp)
	f.StringVar(&o.ready, "ready", "", "serve nothing; exit with 0 if the server at `http://HOST:PORT` is ready")
	f.BoolVar(&o.stdin, "until-stdin-ends", false, "end when standard input does, for programs that start a server of their own")
	f.Int64Var(&o.Limits.UploadBytes, "max-upload", 32e6, "largest picture that clients may send, in bytes")
}

func (o *serveOptions) run(ctx context.Context, a *app) error {
	if o.ready != "" {
		return a.checkReady(ctx, o.ready)
	}
	if o.stdin {
		var end context.CancelFunc
		ctx, end = context.WithCancel(ctx)
		defer end()
		go func() { // until the program ends: nothing else reads standard input
			_, _ = io.Copy(io.Discard, a.in)
			end()
		}()
	}
	if err := o.check(); err != nil {
		return err
	}
	if err := o.secure(a); err != nil {
		return err
	}
	if a.collection != "" {
		var err error
		if o.Collection, err = a.env.home.CollectionPath(a.collection); err != nil {
			return err
		}
	}
	o.Open = a.options()
	o.Open.PublicOnly = !o.private
	if o.Open.MaxPixels == 0 {
		o.Open.MaxPixels = servedPixels
	}
	o.Version, o.Page, o.Docs, o.Log = version().Version, web.Page(), docs.Files, a.log()
	s, err := server.New(ctx, o.Options)
	if err != nil {
		return err
	}
	return o.listenAndServe(ctx, a, s)
}

// check checks the flags, and completes the options.
func (o *serveOptions) check() error {
	for i, host := range o.Hosts {
		o.Hosts[i] = strings.ToLower(host)
		if strings.ContainsAny(host, "/:") {
			return usagef("--host %s: use only a name, e.g. pictures.example.org", host)
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
			return usagef("--origin %s: use only a scheme and a host, e.g. https://example.org", origin)
		}
	}
	if o.Limits.UploadBytes <= 0 {
		return usagef("--max-upload %d: use 1 or more", o.Limits.UploadBytes)
	}
	if o.Prefix = strings.TrimRight(o.Prefix, "/"); o.Prefix != "" && o.Prefix[0] != '/' {
		return usagef("--prefix %s: use a path that starts with /", o.Prefix)
	}
	return nil
}

// secure decides who may use the server: whoever knows a token, unless the flags say otherwise.
func (o *serveOptions) secure(a *app) error {
	others, err := o.reachable()
	if err != nil {
		return err
	}
	if o.Token == "" {
		o.Token = a.env.token
	}
	switch {
	case o.Token != "" && (o.noToken || o.insecure):
		return usagef("a token excludes --no-token and --insecure")
	case o.Token != "":
		if err := server.CheckToken(o.Token); err != nil {
			return usagef("--token: %w", err)
		}
	case o.insecure:
	case others != "":
		return usagef("%s: others can reach this server: set a token in $AKIN_TOKEN, or let everyone in with --insecure", others)
	case isSocket(o.listen): // its permissions say who may connect
	case !o.noToken:
		o.Token, o.ownToken = ownToken(a.env.home), true
	}
	if o.AllowTrash && o.Token == "" && !isSocket(o.listen) {
		return usagef("--allow-trash excludes --no-token and --insecure: whoever may move files has to be known")
	}
	if others == "" {
		return nil
	}
	if o.Token == "" {
		a.Warnf("--insecure: everyone who reaches this server can search, tag and index")
	}
	if o.IndexUnder == nil {
		o.IndexUnder = []string{}
	}
	return nil
}

// reachable returns the flag by which others than this machine's users reach the server, if any.
func (o *serveOptions) reachable() (string, error) {
	loopback, err := isLoopback(o.listen)
	switch {
	case err != nil:
		return "", usagef("--listen %s: %w", o.listen, err)
	case !loopback:
		return "--listen " + o.listen, nil
	case len(o.Hosts) > 0:
		return "--host " + o.Hosts[0], nil
	case o.Prefix != "":
		return "--prefix " + o.Prefix, nil
	case len(o.Origins) > 0:
		return "--origin " + o.Origins[0], nil
	}
	return "", nil
}

// isLoopback reports whether only this machine can reach an address.
func isLoopback(listen string) (bool, error) {
	if isSocket(listen) {
		return true, nil
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false, fmt.Errorf("use ADDRESS:PORT, e.g. 127.0.0.1:7777")
	}
	if host == "localhost" {
		return true, nil
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback(), nil
}

// listenAndServe serves until the command is interrupted. It writes the address to stdout, with
// the token only if nobody chose it.
func (o *serveOptions) listenAndServe(ctx context.Context, a *app, s *server.Server) error {
	defer s.Close()
	l, err := listen(o.listen)
	if err != nil {
		return err
	}
	at := serving{Address: "http://" + openAt(l) + o.Prefix + "/"}
	if isSocket(o.listen) {
		at.Address = o.listen
	}
	at.Open = at.Address
	if o.ownToken {
		at.Open += "#token=" + url.QueryEscape(o.Token)
	}
	if !isSocket(o.listen) && !o.stdin { // else it is for the program that started it
		defer o.tellRunning(a, at)() // before it is printed: who reads the line may ask at once
	}
	if err := a.Result(at, func() error { return a.Linef("%s", at.Open) }); err != nil {
		return errors.Join(err, l.Close())
	}
	if o.browse {
		a.browse(at.Open)
	}
	if err := s.Serve(ctx, l); err != nil {
		return err
	}
	return s.Close()
}

// serving is where a server is.
type serving struct {
	Address string `json:"address"`
	Open    string `json:"open"` // in a browser: what follows # signs in, and is never sent
}

// checkReady returns an error unless a running server is ready.
func (a *app) checkReady(ctx context.Context, address string) error {
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

// log returns the log of a server, on stderr: with --verbose every request, with --quiet only
// errors, and with --json an object a line.
func (a *app) log() *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if a.verbose {
		o.Level = slog.LevelDebug
	} else if a.Quiet {
		o.Level = slog.LevelError
	}
	if a.JSON {
		return slog.New(slog.NewJSONHandler(a.Errors, o))
	}
	return slog.New(slog.NewTextHandler(a.Errors, o))
}
