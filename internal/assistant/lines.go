package assistant

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Lines is a transport that reads a message a line from in, and writes as many to out. A line that
// is no message, or too long to be read, is answered with an error, as JSON-RPC 2.0 has it, and
// does not end the session. Messages of a batch are taken one by one.
func Lines(in io.Reader, out io.Writer) mcp.Transport {
	w := &whole{out: out}
	return &mcp.IOTransport{Reader: io.NopCloser(&messages{in: bufio.NewReader(in), most: messageBytes, answer: w}), Writer: w}
}

// messages are the lines that are messages.
type messages struct {
	in     *bufio.Reader
	most   int // bytes of a line
	answer io.Writer
	rest   []byte // of a message that was read
}

func (m *messages) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		line, long, err := m.line()
		switch {
		case errors.Is(err, io.EOF):
			return 0, io.EOF
		case err != nil:
			return 0, fmt.Errorf("read a message: %w", err)
		case long:
			err = m.refuse(jsonrpc.CodeInvalidRequest, fmt.Sprintf("this line is longer than %d bytes", m.most))
		default:
			err = m.take(bytes.TrimSpace(line))
		}
		if err != nil {
			return 0, err
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// line reads the next line. One that is too long is passed over, and not kept.
func (m *messages) line() (line []byte, long bool, err error) {
	for {
		part, err := m.in.ReadSlice('\n')
		if long = long || len(line)+len(part) > m.most; long {
			line = nil
		} else {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && (long || len(line) > 0):
			return line, long, nil
		}
		return line, long, err
	}
}

// take keeps what of a line are messages, and answers what is none.
func (m *messages) take(line []byte) error {
	if len(line) == 0 {
		return nil
	}
	if !json.Valid(line) {
		return m.refuse(jsonrpc.CodeParseError, "this line is no JSON: want a message a line")
	}
	var batch []json.RawMessage
	if json.Unmarshal(line, &batch) != nil {
		batch = []json.RawMessage{line}
	}
	if len(batch) == 0 {
		return m.refuse(jsonrpc.CodeInvalidRequest, "an empty batch")
	}
	for _, message := range batch {
		if _, err := jsonrpc.DecodeMessage(message); err != nil {
			if err := m.refuse(jsonrpc.CodeInvalidRequest, err.Error()); err != nil {
				return err
			}
			continue
		}
		m.rest = append(append(m.rest, message...), '\n')
	}
	return nil
}

// refuse answers what nobody can be told by its id.
func (m *messages) refuse(code int64, why string) error {
	return json.NewEncoder(m.answer).Encode(map[string]any{
		"jsonrpc": "2.0", "id": nil, "error": jsonrpc.Error{Code: code, Message: why},
	})
}

// whole writes one message at a time, and is left open when the session ends.
type whole struct {
	mu  sync.Mutex
	out io.Writer
}

func (w *whole) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

func (w *whole) Close() error { return nil }
