package assistant_test

import (
	"bufio"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/internal/assistant"
)

// Whatever a line holds, it is answered, and the session goes on. The codes are those of JSON-RPC
// 2.0; 0 is a result.
func TestALineThatIsNoMessageDoesNotEndTheSession(t *testing.T) {
	t.Parallel()
	c, err := akin.Open(t.Context(), filepath.Join(t.TempDir(), "empty.akin"), akin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in, ask := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan error)
	go func() { done <- assistant.New(c, "test").Run(t.Context(), assistant.Lines(in, out)) }()
	lines := bufio.NewReader(answers)
	for _, x := range []struct {
		line string
		code int
	}{
		{"no json", -32700},
		{`{"jsonrpc":`, -32700},
		{"\xff\x00", -32700},
		{`{}`, -32600},
		{`7`, -32600},
		{`[]`, -32600},
		{strings.Repeat("x", 20<<20), -32600},
		{`{"jsonrpc":"2.0","id":9,"method":"` + strings.Repeat("x", 20<<20) + `"}`, -32600},
		{"\n" + `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`, 0},
		{`{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\r\n" + `{"jsonrpc":"2.0","id":2,"method":"no/such"}`, -32601},
		{`[{"jsonrpc":"2.0","id":3,"method":"ping"}]`, 0},
		{`{"jsonrpc":"1.0","id":4,"method":"ping"}`, -32600},
		{`{"jsonrpc":"2.0","id":5,"method":"tools/list"}`, 0},
	} {
		if _, err := io.WriteString(ask, x.line+"\n"); err != nil {
			t.Fatalf("%.80s: %v", x.line, err)
		}
		line, err := lines.ReadBytes('\n')
		var got struct{ Error struct{ Code int } }
		if err == nil {
			err = json.Unmarshal(line, &got)
		}
		if err != nil || got.Error.Code != x.code {
			t.Errorf("%.80s: answered %s, %v; want the code %d", x.line, line, err, x.code)
		}
	}
	ask.Close()
	if err := <-done; err != nil {
		t.Errorf("at the end of its input: %v", err)
	}
}
