//go:build unix

package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin"
)

// readWhenThere returns a file that another program is writing.
func readWhenThere(t *testing.T, path string) string {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if data, err := os.ReadFile(path); err == nil && len(data) > 0 {
			return string(data)
		}
	}
	t.Fatalf("no %s", path)
	return ""
}

// A running server is shown, with its token in a private page and not in the browser's arguments.
func TestOpenShowsTheRunningServer(t *testing.T) {
	home := t.TempDir()
	t.Setenv("AKIN_HOME", home)
	browser := filepath.Join(home, "browser")
	if err := os.WriteFile(browser, []byte("#!/bin/sh\necho \"$@\" >"+home+"/arguments.new\nmv "+home+"/arguments.new "+home+"/arguments\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BROWSER", browser)
	s := start(t)
	var out, errs strings.Builder
	root := newApp(strings.NewReader(""), &out, &errs).root()
	root.SetArgs([]string{"open"})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // or else it serves by itself
	defer cancel()
	if err := root.ExecuteContext(ctx); err != nil || strings.TrimSpace(out.String()) != s.line {
		t.Fatalf("%v, %q, %q; the server is at %q", err, &out, &errs, s.line)
	}
	arguments := readWhenThere(t, filepath.Join(home, "arguments"))
	_, token, _ := strings.Cut(s.line, "#token=")
	page := strings.TrimSpace(arguments)
	if token == "" || strings.Contains(arguments, token) || page != filepath.Join(home, "open.html") {
		t.Errorf("the browser gets %q", arguments)
	}
	info, err := os.Stat(page)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the page: %v, %v", info.Mode(), err)
	}
	if text, _ := os.ReadFile(page); !strings.Contains(string(text), "url="+s.line) {
		t.Errorf("the page leads elsewhere: %s", text)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if _, err := readRunning(t.Context(), akin.Home(home)); err == nil {
		t.Error("a server that has ended is taken for one that runs")
	}
}

// What another user could have written, or a process that is gone has left, names no server.
func TestOpenTrustsNoForeignServer(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, "serving.json")
	for why, c := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"others may read it":     {`{"address":"http://127.0.0.1:1/","process":1}`, 0o644},
		"its process is gone":    {`{"address":"http://127.0.0.1:1/","process":2147483646}`, 0o600},
		"nobody answers":         {`{"address":"http://127.0.0.1:1/","process":` + strconv.Itoa(os.Getpid()) + `}`, 0o600},
		"it is no JSON":          {`http://127.0.0.1:1/`, 0o600},
		"a process of no number": {`{"address":"http://127.0.0.1:1/"}`, 0o600},
	} {
		_ = os.Remove(path)
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if s, err := readRunning(t.Context(), akin.Home(home)); err == nil {
			t.Errorf("%s: %+v", why, s)
		}
	}
}

// The same collection is the same one from another folder, and a server on another port keeps what it was told.
func TestOpenStartsTheServerThatWasAskedFor(t *testing.T) {
	home, at := t.TempDir(), t.TempDir()
	t.Setenv("AKIN_HOME", home)
	t.Setenv("BROWSER", "true")
	t.Chdir(at)
	taken, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := startCommand(t, "open", "-c", "./shop", "--listen", taken.Addr().String(), "--allow-trash")
	server, err := readRunning(t.Context(), akin.Home(home))
	if err != nil || server.Collection != filepath.Join(at, "shop") {
		t.Fatalf("it serves %q, %v", server.Collection, err)
	}
	address, token, _ := strings.Cut(s.line, "#token=")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"api/v1/version", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if said, _ := io.ReadAll(answer.Body); !strings.Contains(string(said), `"trash":true`) {
		t.Errorf("--allow-trash is lost on another port: %s", said)
	}
	t.Chdir(home)
	var out, errs strings.Builder
	root := newApp(strings.NewReader(""), &out, &errs).root()
	root.SetArgs([]string{"open", "-c", filepath.Join(at, "shop")})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // or else it serves by itself
	defer cancel()
	if err := root.ExecuteContext(ctx); err != nil || strings.TrimSpace(out.String()) != s.line {
		t.Errorf("%v, %q, %q; the server is at %q", err, &out, &errs, s.line)
	}
}
