package server

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// talk sends bytes on a connection of their own and gives the statuses of all answers until the
// server closes it, and what was in them.
func talk(t *testing.T, address, request string) (statuses, all string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	go func() {
		_, _ = io.WriteString(conn, request) // the server may answer, and close, before it has read all
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	method, _, _ := strings.Cut(request, " ")
	var heard bytes.Buffer
	r := bufio.NewReader(io.TeeReader(conn, &heard))
	var codes []string
	for {
		answer, err := http.ReadResponse(r, &http.Request{Method: method})
		var failed net.Error
		if errors.As(err, &failed) && failed.Timeout() {
			t.Fatalf("the connection stays open: %q", heard.String())
		}
		if err != nil {
			break
		}
		codes = append(codes, fmt.Sprint(answer.StatusCode))
		// Whoever sends on for half a second after a 431 is reset.
		if _, err := io.Copy(io.Discard, answer.Body); err != nil && answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("an answer is cut off: %v", err)
		}
	}
	return strings.Join(codes, " "), heard.String()
}

// What is asked of a server byte by byte, as no client would. After each of these it must answer the next.
// A smuggled request is one that a proxy in front would take for another one's body.
func TestRawRequests(t *testing.T) {
	t.Parallel()
	_, o := shared(t)
	o.Page = fstest.MapFS{"index.html": {Data: []byte("<p>page")}, "assets/a.js": {Data: []byte("let a = 1")}}
	address, _ := serve(t, o)
	const host = "Host: localhost\r\n"
	const smuggled = "GET /smuggled HTTP/1.1\r\n" + host + "\r\n" // is answered with 404 where it is taken for a request
	get := func(path string) string { return "GET " + path + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n" }
	with := func(lines string) string {
		return "GET /healthz HTTP/1.1\r\n" + host + lines + "Connection: close\r\n\r\n"
	}
	post := func(lines, body string) string {
		return "POST /api/v1/uploads HTTP/1.1\r\n" + host + "Content-Type: image/png\r\n" + lines + "\r\n" + body
	}
	chunked := func(body string) string { return post("Transfer-Encoding: chunked\r\n", body) }
	for _, c := range []struct {
		why, request, want string
	}{
		{"an ordinary one", with(""), "200"},

		{"no host", "GET /healthz HTTP/1.1\r\n\r\n", "400"},
		{"two hosts", with(host), "400"},
		{"an empty host", "GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "421"},
		{"another's host", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "421"},
		{"a host that begins as ours", "GET /healthz HTTP/1.1\r\nHost: localhost.evil.example\r\nConnection: close\r\n\r\n", "421"},
		{"a host that begins as an address", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\nConnection: close\r\n\r\n", "421"},
		{"a host with a user", "GET /healthz HTTP/1.1\r\nHost: localhost@evil.example\r\nConnection: close\r\n\r\n", "400"},
		{"a host with a space", "GET /healthz HTTP/1.1\r\nHost: localhost evil.example\r\nConnection: close\r\n\r\n", "400"},
		{"a host with a slash", "GET /healthz HTTP/1.1\r\nHost: localhost/x\r\nConnection: close\r\n\r\n", "400"},
		{"our host in capitals, with its dot and port", "GET /healthz HTTP/1.1\r\nHost: LOCALHOST.:80\r\nConnection: close\r\n\r\n", "200"},
		{"an address of version 6", "GET /healthz HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n", "200"},
		{"an absolute address; its host counts, RFC 9112 3.2.2", "GET http://localhost/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "200"},
		{"an absolute address of another's host", "GET http://evil.example/healthz HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "421"},
		{"an absolute address of a file", "GET file:///etc/passwd HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "404"},
		{"a tunnel to another", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", "421"},
		{"a tunnel to itself", "CONNECT localhost:80 HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "404"},
		{"an asterisk", "GET * HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "404"},

		{"HTTP/1.0", "GET /healthz HTTP/1.0\r\n" + host + "\r\n", "200"},
		{"HTTP/1.0 without a host", "GET /healthz HTTP/1.0\r\n\r\n", "421"},
		{"HTTP/1.0 that is kept alive", strings.Repeat("GET /healthz HTTP/1.0\r\n"+host+"Connection: keep-alive\r\n\r\n", 3), "200 200 200"},
		{"HTTP/0.9", "GET /healthz\r\n", "400"},
		{"HTTP/2 and no upgrade", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "421"},
		{"HTTP/3.0", "GET /healthz HTTP/3.0\r\n" + host + "\r\n", "505"},
		{"http/1.1 in small letters", "GET /healthz http/1.1\r\n" + host + "\r\n", "400"},
		{"a hundred at once", strings.Repeat("GET /healthz HTTP/1.1\r\n"+host+"\r\n", 100), strings.TrimSpace(strings.Repeat("200 ", 100))},
		{"one after a closing one", with("") + smuggled, "200"},

		{"a method in small letters", "get /healthz HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "405"},
		{"a method that is none", "G@T /healthz HTTP/1.1\r\n" + host + "\r\n", "400"},
		{"TRACE", "TRACE /healthz HTTP/1.1\r\n" + host + "Cookie: secret\r\nConnection: close\r\n\r\n", "405"},
		{"a method that a header changes", with("X-HTTP-Method-Override: DELETE\r\nX-Original-URL: /api/v1/version\r\nX-Forwarded-Host: evil.example\r\n"), "200"},
		{"tabs between the words", "GET\t/healthz\tHTTP/1.1\r\n" + host + "\r\n", "400"},
		{"two spaces between the words", "GET  /healthz HTTP/1.1\r\n" + host + "\r\n", "400"},
		{"four words", "GET /healthz x HTTP/1.1\r\n" + host + "\r\n", "400"},
		{"no slash", "GET healthz HTTP/1.1\r\n" + host + "\r\n", "400"},
		{"zeros", strings.Repeat("\x00", 5000), "400"},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x07", 500) + "\r\n\r\n", "400"},
		{"nothing", "", ""},
		{"half a line", "GET /hea", "400"},

		{"a space before the colon", with("X-A : 1\r\n"), "400"},
		{"no colon", with("X-A\r\n"), "400"},
		{"no name", with(": 1\r\n"), "400"},
		{"a name with a zero", with("X\x00A: 1\r\n"), "400"},
		{"a value with a zero", with("X-A: a\x00b\r\n"), "400"},
		{"a value with a lone CR", with("X-A: a\rb\r\n"), "400"},
		{"a first line that is folded", "GET /healthz HTTP/1.1\r\n " + host + "\r\n", "400"},
		{"a value of 100 KB", with("X-A: " + strings.Repeat("a", 100_000) + "\r\n"), "431"},
		{"10,000 values", with(strings.Repeat("X-A: 1\r\n", 10_000)), "431"},
		{"an address of 100 KB", get("/" + strings.Repeat("a", 100_000)), "431"},
		{"headers that never end", "GET /healthz HTTP/1.1\r\n" + host + strings.Repeat("X-A: 1\r\n", 1_000_000), "431"},
		{"an expectation that nobody has", with("Expect: 200-ok\r\n"), "417"},

		{"a length of -1", post("Content-Length: -1\r\n", smuggled), "400"},
		{"a length of +5", post("Content-Length: +5\r\n", "abcde"+smuggled), "400"},
		{"a length in sixteens", post("Content-Length: 0x5\r\n", "abcde"+smuggled), "400"},
		{"a length of 2^64", post("Content-Length: 18446744073709551616\r\n", smuggled), "400"},
		{"two lengths", post("Content-Length: 5\r\nContent-Length: 0\r\n", "abcde"+smuggled), "400"},
		{"two lengths in a line", post("Content-Length: 5, 0\r\n", "abcde"+smuggled), "400"},
		{"a body that ends early", post("Content-Length: 100\r\n", "\x89PNG"), "499"},
		{"a request in the body of another", "GET /healthz HTTP/1.1\r\n" + host + fmt.Sprintf("Content-Length: %d\r\nConnection: close\r\n\r\n", len(smuggled)) + smuggled, "200"},
		{"a length and chunks", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+smuggled), "415"},
		{"chunks and a length of all", post(fmt.Sprintf("Transfer-Encoding: chunked\r\nContent-Length: %d\r\n", 5+len(smuggled)), "0\r\n\r\n"+smuggled), "415"},
		{"chunks in HTTP/1.0, where they are the next request's first line", strings.Replace(post("Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+smuggled), "1.1", "1.0", 1), "415 400"},
		{"a length that ends in the middle of another's", "GET /healthz HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc" + with(""), "200 200"},
		{"another encoding", post("Transfer-Encoding: gzip\r\n", smuggled), "501"},
		{"an encoding before chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"+smuggled), "501"},
		{"an encoding that looks like chunked", post("Transfer-Encoding: xchunked\r\n", smuggled), "501"},
		{"chunked after a vertical tab", post("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n"+smuggled), "400"},
		{"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+smuggled), "501"},
		{"chunked and identity", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"+smuggled), "501"},

		{"a chunk of no size", chunked("\r\nabc\r\n0\r\n\r\n"), "400"},
		{"a chunk of size zz", chunked("zz\r\nabc\r\n0\r\n\r\n"), "400"},
		{"a chunk of size -1", chunked("-1\r\nabc\r\n0\r\n\r\n"), "400"},
		{"a chunk of size 0x3", chunked("0x3\r\nabc\r\n0\r\n\r\n"), "400"},
		{"a chunk of 2^64 bytes", chunked("10000000000000000\r\nabc\r\n0\r\n\r\n"), "400"},
		{"a chunk that is longer than it says", chunked("3\r\nabcdef\r\n0\r\n\r\n"), "400"},
		{"a chunk that is shorter than it says", chunked("20\r\nabc"), "499"},
		{"a chunk's extension of 100 KB", chunked("3;" + strings.Repeat("a", 100_000) + "\r\nabc\r\n0\r\n\r\n"), "400"},
		{"chunks of more extensions than bytes", chunked(strings.Repeat("1;"+strings.Repeat("a", 4000)+"\r\nb\r\n", 100) + "0\r\n\r\n"), "400"},
		{"chunks without an end", chunked("3\r\nabc\r\n"), "499"},

		{"dots", get("/../../../etc/passwd"), "404"},
		{"dots in percent", get("/%2e%2e/%2e%2e/%2e%2e/etc/passwd"), "404"},
		{"a slash in percent", get("/..%2f..%2f..%2fetc%2fpasswd"), "404"},
		{"percent in percent", get("/%252e%252e/%252e%252e/etc/passwd"), "404"},
		{"backslashes", get("/assets/..\\..\\..\\etc\\passwd"), "404"},
		{"dots of overlong UTF-8", get("/assets/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd"), "404"},
		{"two slashes", get("//etc/passwd"), "404"},
		{"a zero in the address", get("/assets/a.js\x00"), "400"},
		{"a zero in percent", get("/assets/a.js%00"), "404"},
		{"a percent of no number", get("/%zz"), "400"},
		{"half a percent", get("/%"), "400"},
		{"a collection of dots", get(base + "/collections/..%2f..%2fetc/pictures"), "404"},
		{"a collection with a zero", get(base + "/collections/flags.akin%00/pictures"), "404"},
	} {
		t.Run(c.why, func(t *testing.T) {
			statuses, all := talk(t, address, c.request)
			if statuses != c.want {
				t.Errorf("%q, want %q: %.300q", statuses, c.want, all)
			}
			if strings.Contains(all, "root:") || strings.Contains(all, "Cookie: secret") {
				t.Errorf("it answers with %.300q", all)
			}
			if statuses, all := talk(t, address, with("")); statuses != "200" {
				t.Errorf("the next one is answered with %q: %.300q", statuses, all)
			}
		})
	}
}
