package assistant

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// FuzzLines holds that of any input only messages come through, a line each, and that all
// else is answered with an error.
func FuzzLines(f *testing.F) {
	f.Add([]byte("no json\n{}\n[]\n"))
	f.Add([]byte(`[{"jsonrpc":"2.0","id":3,"method":"ping"},7]` + "\r\n"))
	f.Add([]byte("\xff\x00\n\n{\"jsonrpc\":"))
	f.Fuzz(func(t *testing.T, input []byte) {
		var answers bytes.Buffer
		through, err := io.ReadAll(&messages{in: bufio.NewReader(bytes.NewReader(input)), most: 1 << 10, answer: &answers})
		if err != nil {
			t.Fatal(err)
		}
		decode := json.NewDecoder(bytes.NewReader(through))
		for {
			var message json.RawMessage
			if err := decode.Decode(&message); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%q came through: %v", through, err)
			}
			if _, err := jsonrpc.DecodeMessage(message); err != nil {
				t.Errorf("%s came through: %v", message, err)
			}
		}
		for answer := range bytes.Lines(answers.Bytes()) {
			var a struct{ Error struct{ Code int } }
			if err := json.Unmarshal(answer, &a); err != nil || a.Error.Code > -32600 {
				t.Errorf("answered %s, %v", answer, err)
			}
		}
	})
}
