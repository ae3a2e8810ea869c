package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// runUpdate runs `akin update` with those arguments.
func runUpdate(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	status = run(append([]string{"update"}, args...), strings.NewReader(""), &out, &problems)
	return status, out.String(), problems.String()
}

func TestUpdateSaysWhatIsNewer(t *testing.T) {
	for _, c := range []struct{ why, answer, want string }{
		{"a later version", `{"version":"v9.1.0","page":"http://releases.example/v9.1.0"}`, "akin v9.1.0 is newer than " + release + ".\nWhat is new: http://releases.example/v9.1.0\nTo update: "},
		{"the one that is installed", fmt.Sprintf(`{"version":%q}`, release), "akin " + release + " is the newest."},
		{"the release that this one was built before", `{"version":"` + strings.TrimSuffix(release, "-dev") + `"}`, "is newer than " + release},
		{"ten is more than nine", `{"version":"v0.0.10"}`, "is the newest."},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.answer) }))
		status, out, problems := runUpdate(t, "--check", "--from", server.URL+"/latest.json")
		server.Close()
		if status != exitDone || problems != "" || !strings.Contains(out, c.want) || !strings.HasPrefix(out, "Asked "+server.URL) {
			t.Errorf("%s: status %d, %q, %q; want %q in it", c.why, status, out, problems, c.want)
		}
	}
}

// What `akin update --check` says that it sent is what a server receives, to the letter.
func TestUpdateSaysWhatItSends(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	received := make(chan []string, 1)
	go func() {
		var lines []string
		defer func() { received <- lines }()
		c, err := listener.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for s := bufio.NewScanner(c); s.Scan() && s.Text() != ""; {
			lines = append(lines, s.Text())
		}
		body := `{"version":"v9.0.0"}`
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(body), body)
	}()
	status, out, problems := runUpdate(t, "--json", "--check", "--from", "http://"+listener.Addr().String()+"/akin/latest.json")
	if status != exitDone {
		t.Fatalf("status %d: %s", status, problems)
	}
	var u update
	if err := json.Unmarshal([]byte(out), &u); err != nil {
		t.Fatal(err)
	}
	got := <-received
	slices.Sort(got)
	said := slices.Sorted(slices.Values(u.Sent))
	if len(got) < 2 || !slices.Equal(got, said) {
		t.Errorf("the server received %q, and akin said %q", got, said)
	}
	if all := strings.Join(got, "\n"); !strings.Contains(all, "GET /akin/latest.json HTTP/1.1") || strings.Contains(all, version().Version) || strings.Contains(all, "Go-http-client") {
		t.Errorf("sent %q", all)
	}
}

// Without --check nothing is asked, and whoever has no network learns how to update.
func TestUpdateAsksOnlyWhenTold(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	t.Setenv("AKIN_UPDATES", server.URL)
	for _, args := range [][]string{nil, {"--json"}, {"--help"}} {
		if status, out, problems := runUpdate(t, args...); status != exitDone || problems != "" || !strings.Contains(out, "pdate") {
			t.Errorf("%q: status %d, %q, %q", args, status, out, problems)
		}
	}
	if asked {
		t.Error("akin update without --check asked the server")
	}
	if status, _, _ := runUpdate(t, "--check"); status != exitFailed || !asked {
		t.Errorf("with --check and $AKIN_UPDATES, whose answer is empty: status %d, asked: %v", status, asked)
	}
}

func TestUpdateRefusesWhatIsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, answer string
		status      int
		want        string
	}{
		{"a page instead of the file", "<html>Sign in</html>", 200, "not a release's latest.json"},
		{"no version", "{}", 200, `no version, but ""`},
		{"not a version", `{"version":"newest"}`, 200, `no version, but "newest"`},
		{"nothing there", "", 404, "404 Not Found"},
		{"an answer without an end", `{"version":"v9.0.0","page":"` + strings.Repeat("a", latestLimitBytes), 200, "unexpected EOF"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.answer)
		}))
		status, out, problems := runUpdate(t, "--check", "--from", server.URL)
		server.Close()
		if status != exitFailed || out != "" || !strings.Contains(problems, c.want) || !strings.Contains(problems, server.URL) {
			t.Errorf("%s: status %d, %q, %q; want %q", c.why, status, out, problems, c.want)
		}
	}
	for _, from := range []string{"ftp://host/latest.json", "latest.json", "file:///etc/passwd"} {
		if status, _, problems := runUpdate(t, "--check", "--from", from); status != exitFailed || !strings.Contains(problems, "https://") {
			t.Errorf("--from %s: status %d, %q", from, status, problems)
		}
	}
	if status, _, problems := runUpdate(t, "--from", "http://127.0.0.1:1"); status != exitUsage || !strings.Contains(problems, "--check") {
		t.Errorf("--from without --check: status %d, %q", status, problems)
	}
}
