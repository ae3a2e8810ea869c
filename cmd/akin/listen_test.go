//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onSocket is a client of whatever host, at a socket.
func onSocket(path string) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}}
}

func shortTempDir(t *testing.T) string { // a socket's path has at most a hundred bytes
	t.Helper()
	dir, err := os.MkdirTemp("", "akin")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// A socket needs no token: nobody but its user can connect to it.
func TestServeListensOnAPrivateSocket(t *testing.T) {
	t.Setenv("AKIN_HOME", t.TempDir())
	path := filepath.Join(shortTempDir(t), "s")
	stale, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = stale.Close() // as a killed server leaves it

	s := start(t, "--listen", "unix:"+path)
	if s.line != "unix:"+path {
		t.Errorf("it prints %q", s.line)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v", info.Mode(), err)
	}
	answer, err := onSocket(path).Get("http://localhost/api/v1/version")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", answer, err)
	}
	_ = answer.Body.Close()
	if _, err := listen("unix:" + path); err == nil || !strings.Contains(err.Error(), "another server is running") {
		t.Errorf("a second server: %v", err)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket after the end: %v", err)
	}
}

func TestServeLeavesAFileThatIsNoSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(shortTempDir(t), "notes.txt")
	if err := os.WriteFile(path, []byte("notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen("unix:" + path); err == nil {
		t.Error("it listens in the place of a file")
	}
	if data, err := os.ReadFile(path); string(data) != "notes" {
		t.Errorf("the file: %q, %v", data, err)
	}
}

// A program that started a server and is killed takes it along.
func TestServeEndsWithStandardInput(t *testing.T) {
	t.Setenv("AKIN_HOME", t.TempDir())
	stdin, parent := io.Pipe()
	stdout, write := io.Pipe()
	a := newApp(stdin, write, io.Discard)
	root := a.root()
	root.SetArgs([]string{"serve", "--listen", "127.0.0.1:0", "--until-stdin-ends"})
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(t.Context()) }()
	if _, err := stdout.Read(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		t.Fatalf("it ends too early: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if s, err := readRunning(t.Context(), a.env.home); err == nil {
		t.Errorf("akin open would show it, and it ends with the program that started it: %+v", s)
	}
	_ = parent.Close()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it goes on")
	}
}

// A port that is taken names another, and a listener on all networks prints an address that a browser can open.
func TestListenNamesWhatCanBeOpened(t *testing.T) {
	t.Parallel()
	l, err := listen("0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if got := openAt(l); got != "127.0.0.1:"+port {
		t.Errorf("it opens at %s", got)
	}
	_, err = listen("0.0.0.0:" + port)
	var taken *portError
	if !errors.As(err, &taken) || !strings.Contains(err.Error(), "the port is in use") {
		t.Errorf("the same port: %v", err)
	}
}
