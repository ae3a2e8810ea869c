package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
)

// A pickle is a program for a stack machine (pickletools.py documents it). This
// one knows the opcodes that a state dict is written with, and no way to import
// or run anything: a global is only its name, and reduce decides what the few
// known names give.

type (
	global string // "module name"
	tuple  []any
	list   struct{ items []any }
	dict   struct{ keys, values []any }
	mark   struct{}
)

func (d *dict) get(key string) any {
	for i, k := range d.keys {
		if k == key {
			return d.values[i]
		}
	}
	return nil
}

func (d *dict) set(key, value any) { d.keys, d.values = append(d.keys, key), append(d.values, value) }

// globals are the names that a pickle may mention.
var globals = func() map[global]bool {
	g := map[global]bool{
		"collections OrderedDict":         true,
		"torch._utils _rebuild_tensor_v2": true,
		"torch._utils _rebuild_parameter": true,
	}
	for name := range storageTypes {
		g[global(name)] = true
	}
	return g
}()

// What a pickle may take: some hundred thousand tensors fit. A value costs a byte or two of the pickle and
// up to some fifty of memory.
const (
	stackLimit = 1 << 22 // of the stack, and of the memo
	valueLimit = 1 << 23 // of all values that are ever made
)

// shown is a foreign value as an error shows it: what it is, and of a text the beginning. Its
// parts are not: tuples that share theirs, or hold themselves, have more of them than there
// is memory.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool, int64:
		return fmt.Sprint(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case *big.Int:
		return fmt.Sprintf("an integer of %d bits", v.BitLen())
	case string:
		return fmt.Sprintf("%.100q", v)
	case global:
		return fmt.Sprintf("%.100q", string(v))
	case tuple:
		return fmt.Sprintf("a tuple of %d", len(v))
	case *list:
		return fmt.Sprintf("a list of %d", len(v.items))
	case *dict:
		return fmt.Sprintf("a dict of %d", len(v.keys))
	}
	return fmt.Sprintf("a %T", v)
}

type machine struct {
	in    *bytes.Reader
	stack []any
	memo  map[uint32]any
	made  int // values that were pushed
}

// unpickle runs one pickle and returns its value and its length in bytes. A pickle
// that goes on behind data ends with io.ErrUnexpectedEOF.
func unpickle(data []byte) (value any, used int, err error) {
	m := &machine{in: bytes.NewReader(data), memo: map[uint32]any{}}
	for {
		op, err := m.in.ReadByte()
		if err != nil {
			return nil, 0, io.ErrUnexpectedEOF
		}
		at := len(data) - m.in.Len() - 1
		if op == '.' {
			if len(m.stack) != 1 {
				return nil, 0, fmt.Errorf("pickle: %d values are left", len(m.stack))
			}
			return m.stack[0], at + 1, nil
		}
		if err := m.step(op); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return nil, 0, io.ErrUnexpectedEOF
			}
			return nil, 0, fmt.Errorf("pickle, byte %d: %w", at, err)
		}
		if len(m.stack) > stackLimit || len(m.memo) > stackLimit || m.made > valueLimit {
			return nil, 0, errors.New("pickle: it needs too much memory")
		}
	}
}

var errStack = errors.New("the stack holds something else than the opcode needs")

func (m *machine) step(op byte) error {
	switch op {
	case 0x80: // PROTO
		v, err := m.in.ReadByte()
		if err == nil && v > 5 {
			err = fmt.Errorf("protocol %d", v)
		}
		return err
	case 0x95: // FRAME
		return m.skip(8)
	case '(':
		m.push(mark{})
	case '0': // POP
		_, err := m.pop()
		return err
	case 'N':
		m.push(nil)
	case 0x88:
		m.push(true)
	case 0x89:
		m.push(false)
	case 'K': // BININT1
		return m.integer(1)
	case 'M': // BININT2
		return m.integer(2)
	case 'J': // BININT
		b, err := m.take(4)
		if err == nil {
			m.push(int64(int32(binary.LittleEndian.Uint32(b))))
		}
		return err
	case 0x8a: // LONG1
		return m.long()
	case 'G': // BINFLOAT
		b, err := m.take(8)
		if err == nil {
			m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
		}
		return err
	case 'X': // BINUNICODE
		return m.text(4)
	case 0x8c: // SHORT_BINUNICODE
		return m.text(1)
	case 'c': // GLOBAL
		module, err := m.line()
		if err != nil {
			return err
		}
		name, err := m.line()
		if err != nil {
			return err
		}
		return m.global(module, name)
	case 0x93: // STACK_GLOBAL
		name, module, err := m.pop2()
		if err != nil {
			return err
		}
		moduleText, ok := module.(string)
		nameText, ok2 := name.(string)
		if !ok || !ok2 {
			return errStack
		}
		return m.global(moduleText, nameText)
	case 'q': // BINPUT
		return m.put(1)
	case 'r': // LONG_BINPUT
		return m.put(4)
	case 0x94: // MEMOIZE
		return m.remember(uint32(len(m.memo)))
	case 'h': // BINGET
		return m.get(1)
	case 'j': // LONG_BINGET
		return m.get(4)
	case ')':
		m.push(tuple{})
	case 0x85: // TUPLE1
		return m.tuple(1)
	case 0x86:
		return m.tuple(2)
	case 0x87:
		return m.tuple(3)
	case 't': // TUPLE
		items, err := m.popMark()
		if err == nil {
			m.push(tuple(items))
		}
		return err
	case ']':
		m.push(&list{})
	case 'a': // APPEND
		item, err := m.pop()
		if err != nil {
			return err
		}
		return m.extend([]any{item})
	case 'e': // APPENDS
		items, err := m.popMark()
		if err != nil {
			return err
		}
		return m.extend(items)
	case '}':
		m.push(&dict{})
	case 's': // SETITEM
		value, key, err := m.pop2()
		if err != nil {
			return err
		}
		return m.update([]any{key, value})
	case 'u': // SETITEMS
		items, err := m.popMark()
		if err != nil {
			return err
		}
		return m.update(items)
	case 'Q': // BINPERSID
		id, err := m.pop()
		if err != nil {
			return err
		}
		v, err := persistent(id)
		m.push(v)
		return err
	case 'R': // REDUCE
		args, fn, err := m.pop2()
		if err != nil {
			return err
		}
		g, ok := fn.(global)
		a, ok2 := args.(tuple)
		if !ok || !ok2 {
			return errStack
		}
		v, err := reduce(g, a)
		m.push(v)
		return err
	case 'b': // BUILD: a state dict's attributes (_metadata) are of no use here
		_, err := m.pop()
		if err != nil {
			return err
		}
		if len(m.stack) == 0 {
			return errStack
		}
		if _, ok := m.stack[len(m.stack)-1].(*dict); !ok {
			return errStack
		}
	default:
		return fmt.Errorf("opcode %#02x is not one that a state dict needs", op)
	}
	return nil
}

func (m *machine) push(v any) {
	m.made++
	m.stack = append(m.stack, v)
}

func (m *machine) pop() (any, error) {
	if len(m.stack) == 0 {
		return nil, errStack
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v, nil
}

// pop2 returns the top of the stack, and what is below.
func (m *machine) pop2() (top, below any, err error) {
	if top, err = m.pop(); err == nil {
		below, err = m.pop()
	}
	return top, below, err
}

func (m *machine) popMark() ([]any, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, ok := m.stack[i].(mark); ok {
			items := append([]any(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return items, nil
		}
	}
	return nil, errStack
}

func (m *machine) take(n int) ([]byte, error) {
	if n > m.in.Len() {
		return nil, io.ErrUnexpectedEOF
	}
	b := make([]byte, n)
	_, err := io.ReadFull(m.in, b)
	return b, err
}

func (m *machine) skip(n int) error {
	_, err := m.take(n)
	return err
}

// number reads n little-endian bytes.
func (m *machine) number(n int) (uint32, error) {
	b, err := m.take(n)
	if err != nil {
		return 0, err
	}
	var v [4]byte
	copy(v[:], b)
	return binary.LittleEndian.Uint32(v[:]), nil
}

func (m *machine) integer(n int) error {
	v, err := m.number(n)
	m.push(int64(v))
	return err
}

// long reads a two's complement integer of up to 255 bytes.
func (m *machine) long() error {
	n, err := m.in.ReadByte()
	if err != nil {
		return err
	}
	b, err := m.take(int(n))
	if err != nil {
		return err
	}
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	v := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if v.IsInt64() {
		m.push(v.Int64())
	} else {
		m.push(v)
	}
	return nil
}

func (m *machine) text(width int) error {
	n, err := m.number(width)
	if err != nil {
		return err
	}
	if n > pickleLimit {
		return fmt.Errorf("a text of %d bytes", n)
	}
	b, err := m.take(int(n))
	m.push(string(b))
	return err
}

func (m *machine) line() (string, error) {
	var b []byte
	for {
		c, err := m.in.ReadByte()
		if err != nil {
			return "", err
		}
		if c == '\n' {
			return string(b), nil
		}
		if b = append(b, c); len(b) > 256 {
			return "", errors.New("a name without end")
		}
	}
}

func (m *machine) global(module, name string) error {
	g := global(module + " " + name)
	if !globals[g] {
		return fmt.Errorf("it wants to import %s, which no state dict needs", shown(module+"."+name))
	}
	m.push(g)
	return nil
}

func (m *machine) put(width int) error {
	n, err := m.number(width)
	if err != nil {
		return err
	}
	return m.remember(n)
}

func (m *machine) remember(n uint32) error {
	if len(m.stack) == 0 {
		return errStack
	}
	m.memo[n] = m.stack[len(m.stack)-1]
	return nil
}

func (m *machine) get(width int) error {
	n, err := m.number(width)
	if err != nil {
		return err
	}
	v, ok := m.memo[n]
	if !ok {
		return fmt.Errorf("nothing was stored under %d", n)
	}
	m.push(v)
	return nil
}

func (m *machine) tuple(n int) error {
	if len(m.stack) < n {
		return errStack
	}
	at := len(m.stack) - n
	t := append(tuple(nil), m.stack[at:]...)
	m.stack = append(m.stack[:at], t)
	return nil
}

func (m *machine) extend(items []any) error {
	if len(m.stack) == 0 {
		return errStack
	}
	l, ok := m.stack[len(m.stack)-1].(*list)
	if !ok {
		return errStack
	}
	l.items = append(l.items, items...)
	return nil
}

func (m *machine) update(items []any) error {
	if len(m.stack) == 0 || len(items)%2 != 0 {
		return errStack
	}
	d, ok := m.stack[len(m.stack)-1].(*dict)
	if !ok {
		return errStack
	}
	for i := 0; i < len(items); i += 2 {
		d.set(items[i], items[i+1])
	}
	return nil
}
