package checkpoint

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrNoHeader says that a file has no list of its tensors: it is torch's older form, which is a row of
// pickles.
var ErrNoHeader = errors.New("a file without a list of its tensors")

// ReadHeaders reads the names and places of the tensors in safetensors files that are
// elsewhere: in the file that is called name, or in the shards of index, the bytes of
// an index of that name, where that is not nil. open gives a file and its size; only
// its header is read. A tensor's File is the name that open was given. Of torch's archives it
// reads names and shapes, and no places; of its older files nothing: ErrNoHeader.
func ReadHeaders(name string, index []byte, open func(name string) (io.ReaderAt, int64, error)) (*Checkpoint, error) {
	c := &Checkpoint{path: name, tensors: map[string]Tensor{}, absent: map[string]string{}}
	var unread error // a file that could not be read is no fault of the checkpoint
	read := func(name string) ([]Tensor, error) {
		r, size, err := open(name)
		if err != nil {
			unread = err
			return nil, err
		}
		read := readSafetensors
		if !strings.HasSuffix(name, ".safetensors") {
			read = readTorchNames
		}
		tensors, err := read(watched{r, &unread}, size)
		for i := range tensors {
			tensors[i].File = name
		}
		return tensors, err
	}
	var err error
	if index != nil {
		err = c.readIndex(index, read)
	} else {
		var tensors []Tensor
		tensors, err = read(name)
		for _, t := range tensors {
			c.tensors[t.Name] = t
		}
	}
	switch {
	case unread != nil:
		return nil, fmt.Errorf("read checkpoint %s: %w", name, unread)
	case errors.Is(err, ErrNoHeader):
		return nil, fmt.Errorf("read checkpoint %s: %w", name, err)
	case err != nil:
		return nil, fmt.Errorf("read checkpoint %s: %w: %w", name, ErrCorrupt, err)
	}
	c.stripWrappers()
	return c, nil
}

// directoryBytes is more than the directories of most of torch's archives have, at their ends.
const directoryBytes = 128 << 10

// readTorchNames reads the names and shapes of the tensors in torch's archive, and not where they lie: that is
// told in front of each.
func readTorchNames(r io.ReaderAt, size int64) ([]Tensor, error) {
	head := make([]byte, len(zipMagic))
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("it has %d bytes", size)
	}
	if string(head) != zipMagic {
		return nil, ErrNoHeader
	}
	end := make([]byte, min(size, directoryBytes))
	if _, err := r.ReadAt(end, size-int64(len(end))); err != nil {
		return nil, err
	}
	return readZip(ended{r, end, size}, size, func(*zip.File) (int64, error) { return 0, nil })
}

// ended is a reader whose end is known.
type ended struct {
	io.ReaderAt
	end  []byte
	size int64
}

func (e ended) ReadAt(b []byte, at int64) (int, error) {
	from := at - (e.size - int64(len(e.end)))
	if from < 0 {
		return e.ReaderAt.ReadAt(b, at)
	}
	return bytes.NewReader(e.end).ReadAt(b, from)
}

// watched keeps the error of a reader.
type watched struct {
	io.ReaderAt
	err *error
}

func (w watched) ReadAt(b []byte, at int64) (int, error) {
	n, err := w.ReaderAt.ReadAt(b, at)
	if n < len(b) && !errors.Is(err, io.EOF) {
		*w.err = err
	}
	return n, err
}

// Part lays out a safetensors file of some tensors of others. It returns the bytes that
// the file begins with, and the tensors in the order in which theirs follow.
func Part(tensors []Tensor) (head []byte, order []Tensor, err error) {
	names := map[string]string{}
	for name, typ := range safetensorTypes {
		names[typ] = name
	}
	order = slices.Clone(tensors)
	// The widest type first keeps every tensor aligned, as the reference does; within a
	// type the order is that of the files, so that neighbours stay neighbours.
	slices.SortFunc(order, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(typeBytes[b.Type], typeBytes[a.Type]), strings.Compare(a.File, b.File),
			cmp.Compare(a.Offset, b.Offset), strings.Compare(a.Name, b.Name))
	})
	var header bytes.Buffer
	header.WriteString(`{"__metadata__":{"format":"pt"}`)
	at := int64(0)
	for _, t := range order {
		if t.Perm != nil || names[t.Type] == "" {
			return nil, nil, fmt.Errorf("tensor %s of %s, %s, fits no safetensors file", t.Name, t.File, t.Type)
		}
		name, err := json.Marshal(t.Name)
		if err != nil {
			return nil, nil, err
		}
		entry, err := json.Marshal(struct {
			Dtype   string   `json:"dtype"`
			Shape   []int64  `json:"shape"`
			Offsets [2]int64 `json:"data_offsets"`
		}{names[t.Type], append([]int64{}, t.Shape...), [2]int64{at, at + t.Length}})
		if err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(&header, ",%s:%s", name, entry)
		at += t.Length
	}
	header.WriteByte('}')
	for header.Len()%8 != 0 { // the tensors begin aligned
		header.WriteByte(' ')
	}
	head = binary.LittleEndian.AppendUint64(nil, uint64(header.Len()))
	return append(head, header.Bytes()...), order, nil
}
