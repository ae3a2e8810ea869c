package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// A pickle is a program for a stack machine (pickletools.py documents it). This
// one knows the opcodes that Python's pickler writes from protocol 2 on, and no way to
// import or run anything: a global is only its name, reduce makes the few values that
// a state dict is of, and what any other call would return is an object without contents.

type (
	global struct{ module, name string }
	tuple  []any
	list   struct{ items []any }
	dict   struct{ keys, values []any }
	mark   struct{}
)

// object stands for an instance of a class, or for what a call would have returned.
type object struct {
	of    global
	state *dict // its attributes, kept of TorchScript's modules only
}

func (g global) String() string { return g.module + "." + g.name }

// isScript reports whether a class is one of TorchScript's, whose instances are modules of
// a network, with their attributes as state.
func (g global) isScript() bool {
	return g.module == "__torch__" || strings.HasPrefix(g.module, "__torch__.")
}

// get returns the value that Python would find: the last one of a key.
func (d *dict) get(key string) any {
	for i := len(d.keys) - 1; i >= 0; i-- {
		if d.keys[i] == key {
			return d.values[i]
		}
	}
	return nil
}

func (d *dict) set(key, value any) { d.keys, d.values = append(d.keys, key), append(d.values, value) }

// What a pickle may take: some hundred thousand tensors fit. A value costs a byte or two of the pickle and
// up to some fifty of memory.
const (
	stackLimit = 1 << 22 // of the stack, and of the memo
	valueLimit = 1 << 23 // of all values that are ever made
	classLimit = 256     // bytes of a module's or a class's name
	longLimit  = 255     // bytes of an integer
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
		return fmt.Sprintf("%.100q", v)
	case *object:
		return fmt.Sprintf("what %.100q makes", v.of)
	case strided:
		return "a tensor"
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
	data  []byte
	in    *bytes.Reader // of data
	stack []any
	memo  map[uint32]any
	made  int // values that were pushed

	storages map[string]storage // that its tensors lie in, by their keys
}

// unpickle runs one pickle and returns its value and its length in bytes. A pickle
// that goes on behind data ends with io.ErrUnexpectedEOF.
func unpickle(data []byte) (value any, used int, err error) {
	return newMachine(data).run()
}

func newMachine(data []byte) *machine {
	return &machine{data: data, in: bytes.NewReader(data), memo: map[uint32]any{}, storages: map[string]storage{}}
}

func (m *machine) run() (value any, used int, err error) {
	for {
		op, err := m.in.ReadByte()
		if err != nil {
			return nil, 0, io.ErrUnexpectedEOF
		}
		at := len(m.data) - m.in.Len() - 1
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
	case '1': // POP_MARK
		_, err := m.popMark()
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
		return m.long(1)
	case 0x8b: // LONG4
		return m.long(4)
	case 'G': // BINFLOAT
		b, err := m.take(8)
		if err == nil {
			m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
		}
		return err
	case 'X': // BINUNICODE
		return m.text(4)
	case 'T': // BINSTRING, of Python 2
		return m.text(4)
	case 0x8c, 'U': // SHORT_BINUNICODE, SHORT_BINSTRING
		return m.text(1)
	case 0x8d: // BINUNICODE8
		return m.text(8)
	case 'C': // SHORT_BINBYTES
		return m.bytes(1)
	case 'B': // BINBYTES
		return m.bytes(4)
	case 0x8e, 0x96: // BINBYTES8, BYTEARRAY8
		return m.bytes(8)
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
		return m.persistent(id)
	case 'R', 0x81: // REDUCE, NEWOBJ
		args, fn, err := m.pop2()
		if err != nil {
			return err
		}
		return m.call(fn, args)
	case 0x92: // NEWOBJ_EX
		if _, err := m.pop(); err != nil { // the arguments by name
			return err
		}
		args, class, err := m.pop2()
		if err != nil {
			return err
		}
		return m.call(class, args)
	case 0x8f: // EMPTY_SET
		m.push(aSet)
	case 0x90: // ADDITEMS
		items, err := m.popMark()
		if err != nil {
			return err
		}
		return m.extend(items)
	case 0x91: // FROZENSET
		_, err := m.popMark()
		m.push(aSet)
		return err
	case 'b': // BUILD
		state, err := m.pop()
		if err != nil {
			return err
		}
		return m.build(state)
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

// take returns the next n bytes of the pickle, which are not to be changed.
func (m *machine) take(n int) ([]byte, error) {
	left := m.in.Len()
	if n > left {
		return nil, io.ErrUnexpectedEOF
	}
	at := len(m.data) - left
	_, err := m.in.Seek(int64(n), io.SeekCurrent)
	return m.data[at : at+n], err
}

func (m *machine) skip(n int64) error {
	if n < 0 || n > int64(m.in.Len()) {
		return io.ErrUnexpectedEOF
	}
	_, err := m.in.Seek(n, io.SeekCurrent)
	return err
}

// number reads n little-endian bytes.
func (m *machine) number(n int) (uint64, error) {
	var v [8]byte
	if _, err := io.ReadFull(m.in, v[:n]); err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	return binary.LittleEndian.Uint64(v[:]), nil
}

func (m *machine) integer(n int) error {
	v, err := m.number(n)
	m.push(int64(v))
	return err
}

// long reads a two's complement integer, whose length has width bytes.
func (m *machine) long(width int) error {
	n, err := m.number(width)
	if err != nil {
		return err
	}
	if n > longLimit {
		return fmt.Errorf("an integer of %d bytes", n)
	}
	b, err := m.take(int(n))
	if err != nil {
		return err
	}
	b = slices.Clone(b)
	slices.Reverse(b)
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

// bytes passes over a bytes object: no part of a state dict is one.
func (m *machine) bytes(width int) error {
	n, err := m.number(width)
	if err != nil {
		return err
	}
	if n > pickleLimit {
		return fmt.Errorf("%d bytes", n)
	}
	m.push(someBytes)
	return m.skip(int64(n))
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
		if b = append(b, c); len(b) > classLimit {
			return "", errors.New("a name without end")
		}
	}
}

func (m *machine) global(module, name string) error {
	if len(module) > classLimit || len(name) > classLimit {
		return fmt.Errorf("a class whose name has %d bytes", len(module)+len(name))
	}
	m.push(global{module, name})
	return nil
}

// Values that every use shares, since nothing is kept of them.
var (
	aSet      = &object{of: global{"builtins", "set"}}
	someBytes = &object{of: global{"builtins", "bytes"}}
)

// call pushes what calling fn would return; of most callables an object that is empty.
func (m *machine) call(fn, args any) error {
	switch fn := fn.(type) {
	case global:
		a, ok := args.(tuple)
		if !ok { // of TorchScript's enumerations, their value
			m.push(&object{of: fn})
			return nil
		}
		v, err := m.reduce(fn, a)
		m.push(v)
		return err
	case *object: // what a call returned, or an attribute
		m.push(&object{of: fn.of})
		return nil
	}
	return errStack
}

// build sets attributes of what is on top of the stack. Those of a state dict (_metadata) and
// of foreign objects are of no use here.
func (m *machine) build(state any) error {
	if len(m.stack) == 0 {
		return errStack
	}
	switch v := m.stack[len(m.stack)-1].(type) {
	case *object:
		if d, ok := state.(*dict); ok && v.of.isScript() {
			v.state = d
		}
	case *dict, *list, strided:
	default:
		return errStack
	}
	return nil
}

func (m *machine) put(width int) error {
	n, err := m.number(width)
	if err != nil {
		return err
	}
	return m.remember(uint32(n))
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
	v, ok := m.memo[uint32(n)]
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
	switch v := m.stack[len(m.stack)-1].(type) {
	case *list:
		v.items = append(v.items, items...)
	case *object: // a set, or a class that is one
	default:
		return errStack
	}
	return nil
}

func (m *machine) update(items []any) error {
	if len(m.stack) == 0 || len(items)%2 != 0 {
		return errStack
	}
	switch v := m.stack[len(m.stack)-1].(type) {
	case *dict:
		v.keys, v.values = slices.Grow(v.keys, len(items)/2), slices.Grow(v.values, len(items)/2)
		for i := 0; i < len(items); i += 2 {
			v.set(items[i], items[i+1])
		}
	case *object: // a class that is a dict
	default:
		return errStack
	}
	return nil
}
