package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

// started is a running server and its output.
type started struct {
	a    *app
	line string // the first of stdout
	log  *bytes.Buffer
	end  func() error
}

// start runs `akin serve` on a free port until the test ends, or end is called.
func start(t *testing.T, arguments ...string) started {
	t.Helper()
	return startCommand(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, arguments...)...)
}

// startCommand starts a command that serves.
func startCommand(t *testing.T, arguments ...string) started {
	t.Helper()
	stdout, write := io.Pipe()
	s := started{log: &bytes.Buffer{}}
	s.a = newApp(strings.NewReader(""), write, s.log)
	root := s.a.root()
	root.SetArgs(arguments)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		err := root.ExecuteContext(ctx)
		ended <- err
		_ = write.CloseWithError(err)
	}()
	late := time.AfterFunc(30*time.Second, func() { _ = stdout.CloseWithError(errors.New("it prints nothing")) })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	late.Stop()
	if err != nil {
		stop()
		t.Fatal(err)
	}
	go io.Copy(io.Discard, stdout)
	s.line = strings.TrimSuffix(line, "\n")
	s.end = func() error {
		stop()
		select {
		case err := <-ended:
			ended <- err
			return err
		case <-time.After(20 * time.Second):
			return errors.New("it does not end")
		}
	}
	t.Cleanup(func() { _ = s.end() })
	return s
}

// The command prints where it listens, answers there, and ends when it is interrupted.
func TestServeAnswersUntilInterrupted(t *testing.T) {
	t.Setenv("AKIN_HOME", t.TempDir())
	t.Setenv("AKIN_TOKEN", "an-open-s3cret-42")
	s := start(t)
	address := strings.TrimSuffix(s.line, "/")
	if err := s.a.checkReady(t.Context(), address); err != nil {
		t.Error(err)
	}
	c, err := client.New(address, client.Options{Token: "an-open-s3cret-42"})
	if err != nil {
		t.Fatal(err)
	}
	if made, err := c.CreateCollection(t.Context(), "shop"); err != nil || made.Name != "shop" || made.Pictures != 0 {
		t.Errorf("%+v, %v", made, err)
	}
	if all, err := c.Collections(t.Context()); err != nil || len(all) != 1 || all[0].Name != "shop" {
		t.Errorf("%+v, %v", all, err)
	}
	if answer, err := http.Get(address + "/api/v1/collections"); err != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %v, %v", answer, err)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if err := s.a.checkReady(t.Context(), address); err == nil {
		t.Error("a server that has ended is ready")
	}
	if all := s.line + s.log.String(); strings.Contains(all, "s3cret") {
		t.Errorf("a chosen token is printed: %s", all)
	}
}

// Without a token of its own, the server refuses other users of the machine, but the address that
// it prints signs in, also after a restart.
func TestThePrintedAddressSignsIn(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	t.Setenv("AKIN_HOME", home)
	t.Setenv("AKIN_TOKEN", "")
	s := start(t)
	link, err := url.Parse(s.line)
	if err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(link.Fragment, "token=")
	if !ok || link.Path != "/" || link.RawQuery != "" {
		t.Fatalf("it prints %s", s.line)
	}
	link.Fragment = ""
	stranger := func(path string) int {
		answer, err := http.Get(link.String() + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := stranger("api/v1/collections"); got != http.StatusUnauthorized {
		t.Errorf("another user of this machine: %d", got)
	}
	if got := stranger(""); got != http.StatusOK {
		t.Errorf("the page, which signs in: %d", got)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	body, _ := json.Marshal(map[string]string{"token": token}) // as the page does
	if answer, err := browser.Post(link.String()+"api/v1/login", "application/json", bytes.NewReader(body)); err != nil || answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%v, %v", answer, err)
	}
	list := func(at string) int {
		answer, err := browser.Get(at + "api/v1/collections")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := list(link.String()); got != http.StatusOK {
		t.Errorf("signed in: %d", got)
	}
	file := filepath.Join(home, "serve-token")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.Stat(home)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && (info.Mode().Perm() != 0o600 || folder.Mode().Perm() != 0o700) {
		t.Errorf("the token is kept with %v in %v", info.Mode(), folder.Mode())
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}

	again := start(t)
	if !strings.HasSuffix(again.line, "#token="+token) {
		t.Errorf("started again, it prints %s", again.line)
	}
	at, _, _ := strings.Cut(again.line, "#")
	if got := list(at); got != http.StatusOK {
		t.Errorf("a page that was open: %d", got)
	}
	if err := again.end(); err != nil {
		t.Error(err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	// A file that others may have read is no secret.
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	other := start(t, "--json")
	var printed serving
	if err := json.Unmarshal([]byte(other.line), &printed); err != nil || strings.HasSuffix(printed.Open, token) || !strings.HasPrefix(printed.Open, printed.Address+"#token=") {
		t.Errorf("%s, %v", other.line, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestServeWithoutAToken(t *testing.T) {
	t.Setenv("AKIN_HOME", t.TempDir())
	t.Setenv("AKIN_TOKEN", "")
	for _, x := range []struct {
		arguments []string
		path      string
		want      int
		index     int // of a folder that was never indexed
	}{
		{[]string{"--no-token"}, "", 200, 200},
		{[]string{"--insecure", "--prefix", "/deep/akin"}, "/deep/akin", 200, 403},
		{[]string{"--token", "an-open-s3cret-42", "--host", "pictures.example.org"}, "", 401, 401},
	} {
		s := start(t, x.arguments...)
		if strings.Contains(s.line, "token") || !strings.HasSuffix(s.line, x.path+"/") {
			t.Errorf("%v: it prints %s", x.arguments, s.line)
		}
		answer, err := http.Get(s.line + "api/v1/collections")
		if err != nil || answer.StatusCode != x.want {
			t.Errorf("%v: %v, %v", x.arguments, answer, err)
		}
		if x.want == 200 {
			c, err := client.New(strings.TrimSuffix(s.line, "/"), client.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.CreateCollection(t.Context(), "default"); err != nil {
				t.Fatal(err)
			}
			_, err = c.Start(t.Context(), "default", "index", map[string]any{"paths": []string{t.TempDir()}})
			var p *api.Problem
			if got := x.index; errors.As(err, &p) && p.Status != got || err == nil && got != 200 {
				t.Errorf("%v: index any folder: %v, want %d", x.arguments, err, got)
			}
		}
		if err := s.end(); err != nil {
			t.Error(err)
		}
	}
}
