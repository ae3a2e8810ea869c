package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
)

func (a *app) openCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "open",
		Short: "Open the web page in a browser",
		Long: `Opens the page of "akin serve" in your browser, signed in. If none of your servers runs,
it starts one, which runs until Ctrl-C.`,
		Example: "  akin open\n  akin open -c shop",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.open(cmd.Context(), a) },
	}
	o.flags(cmd.Flags())
	cmd.Flags().VisitAll(hideFlag) // they are those of akin serve, with its defaults
	return cmd
}

// open shows the page of the running server, else of one that it starts.
func (o *serveOptions) open(ctx context.Context, a *app) error {
	s, err := readRunning(ctx, a.env.home)
	asked := ""
	if err == nil && a.collection != "" {
		asked, err = a.env.home.CollectionPath(a.collection)
	}
	if err == nil && (asked == "" || asked == s.Collection) {
		a.browse(s.Open)
		return a.Result(s, func() error { return a.Linef("%s", s.Open) })
	}
	o.browse = true
	err = o.run(ctx, a)
	if _, taken := errors.AsType[*portError](err); taken { // by another program, or a server of another collection
		o.listen = "127.0.0.1:0"
		return o.run(ctx, a)
	}
	return err
}

// running is a server of this user's, as it is told to `akin open`.
type running struct {
	serving
	Process    int    `json:"process"`
	Collection string `json:"collection,omitempty"` // the path or address of the only one that it serves
}

// runningFile is where a server tells that it runs. The folder is private: nobody else can name a server there.
func runningFile(home akin.Home) (string, error) {
	dir, err := home.Data()
	return filepath.Join(dir, "serving.json"), err
}

// tellRunning makes a server known to `akin open` until forget is called. What fails is only that convenience.
func (o *serveOptions) tellRunning(a *app, at serving) (forget func()) {
	path, err := runningFile(a.env.home)
	if err != nil {
		return func() {}
	}
	data, err := json.Marshal(running{serving: at, Process: os.Getpid(), Collection: o.Collection})
	if err == nil {
		err = writePrivate(path, data)
	}
	if err != nil {
		return func() {}
	}
	return func() {
		if s, err := readRunningFile(path); err == nil && s.Process == os.Getpid() {
			_ = os.Remove(path)
		}
	}
}

func readRunningFile(path string) (s running, err error) {
	data, err := readPrivate(path, 1<<16)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(data, &s)
}

// readRunning returns the server of this user's that runs and answers.
func readRunning(ctx context.Context, home akin.Home) (s running, err error) {
	path, err := runningFile(home)
	if err != nil {
		return s, err
	}
	if s, err = readRunningFile(path); err != nil {
		return s, err
	}
	// The process must be there: after a crash, someone else may have its port.
	if !isAlive(s.Process) {
		return s, fmt.Errorf("process %d has ended", s.Process)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Address+"healthz", nil)
	if err != nil {
		return s, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return s, fmt.Errorf("%s: %s", s.Address, answer.Status)
	}
	return s, nil
}

// browse opens an address in the browser, or says that a person must.
func (a *app) browse(address string) {
	page, err := a.redirect(address)
	if err == nil {
		err = startBrowser(page)
	}
	if err != nil {
		a.Notef("no browser can be started (%v): open the address yourself", err)
	}
}

// redirect writes a page that leads to an address. The address has the token, and arguments of a browser can be seen by
// all users of a machine; the page is this user's alone.
func (a *app) redirect(address string) (page string, err error) {
	dir, err := a.env.home.Data()
	if err != nil {
		return "", err
	}
	page = filepath.Join(dir, "open.html")
	escaped := html.EscapeString(address)
	text := `<!doctype html><meta charset="utf-8"><title>akin</title><meta http-equiv="refresh" content="0; url=` + escaped +
		`"><p><a href="` + escaped + `">akin</a></p>` + "\n"
	return page, writePrivate(page, []byte(text))
}

// startBrowser shows a file in the user's browser.
func startBrowser(page string) error {
	name, args := "xdg-open", []string{page}
	switch {
	case os.Getenv("BROWSER") != "" && runtime.GOOS != "windows":
		name = os.Getenv("BROWSER")
	case runtime.GOOS == "darwin":
		name = "open"
	case runtime.GOOS == "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", page}
	case os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		return errors.New("there is no display")
	}
	cmd := exec.Command(name, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // browsers may run as long as they like
	return nil
}
