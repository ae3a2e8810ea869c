package frame

import (
	"encoding/binary"
	"io"
	"iter"
	"math"

	flatbuffers "github.com/google/flatbuffers/go"
)

// batchRows bounds a batch, whose texts have offsets of 32 bits.
const batchRows = 1 << 18

// arrowBlock is where a batch lies in a file.
type arrowBlock struct {
	at       int64
	metadata int32
	body     int64
}

// arrowWriter writes messages, and counts bytes.
type arrowWriter struct {
	w      io.Writer
	at     int64
	blocks []arrowBlock
}

func (a *arrowWriter) write(b []byte) error {
	n, err := a.w.Write(b)
	a.at += int64(n)
	return err
}

// WriteArrow writes a file of Arrow (Feather, version 2) with the columns of WriteEmbeddings, of which embedding is a list
// of fixed size.
func WriteArrow(w io.Writer, names, paths []string, dim int, vectors iter.Seq[[]float32]) error {
	a := &arrowWriter{w: w}
	if err := a.write([]byte(arrowMagic + "\x00\x00")); err != nil {
		return err
	}
	b := flatbuffers.NewBuilder(1024)
	if err := a.message(b, schemaMessage, arrowSchema(b, dim), nil); err != nil {
		return err
	}
	var values []byte
	first, rows := 0, 0
	flush := func() error {
		if rows == 0 {
			return nil
		}
		err := a.batch(names[first:first+rows], paths[first:first+rows], values, dim)
		first, rows, values = first+rows, 0, values[:0]
		return err
	}
	for v := range vectors {
		for _, x := range v {
			values = binary.LittleEndian.AppendUint32(values, math.Float32bits(x))
		}
		if rows++; len(values) >= groupBytes || rows == batchRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if err := a.write([]byte("\xff\xff\xff\xff\x00\x00\x00\x00")); err != nil { // the stream's end
		return err
	}
	return a.footer(dim)
}

// message writes a message and its body, of which each buffer is padded to 8 bytes.
func (a *arrowWriter) message(b *flatbuffers.Builder, kind byte, header flatbuffers.UOffsetT, body [][]byte) error {
	size := int64(0)
	for _, part := range body {
		size += int64(padded(len(part)))
	}
	b.StartObject(5)
	b.PrependInt16Slot(0, 4, 0) // V5
	b.PrependByteSlot(1, kind, 0)
	b.PrependUOffsetTSlot(2, header, 0)
	b.PrependInt64Slot(3, size, 0)
	b.Finish(b.EndObject())
	data := b.FinishedBytes()
	head := binary.LittleEndian.AppendUint32([]byte("\xff\xff\xff\xff"), uint32(padded(len(data))))
	block := arrowBlock{at: a.at, metadata: int32(8 + padded(len(data))), body: size}
	for _, part := range append([][]byte{head, data}, body...) {
		if err := a.write(part); err != nil {
			return err
		}
		if err := a.write(make([]byte, padded(len(part))-len(part))); err != nil {
			return err
		}
	}
	if kind == batchMessage {
		a.blocks = append(a.blocks, block)
	}
	return nil
}

func padded(n int) int { return (n + 7) &^ 7 }

// batch writes rows: for each column its validity, if anything is null, and its values.
func (a *arrowWriter) batch(names, paths []string, values []byte, dim int) error {
	texts := func(all []string) (offsets, bytes []byte) {
		offsets = binary.LittleEndian.AppendUint32(nil, 0)
		for _, s := range all {
			bytes = append(bytes, s...)
			offsets = binary.LittleEndian.AppendUint32(offsets, uint32(len(bytes)))
		}
		return offsets, bytes
	}
	nameOffsets, nameBytes := texts(names)
	pathOffsets, pathBytes := texts(paths)
	valid, nulls := make([]byte, (len(paths)+7)/8), int64(0)
	for i, p := range paths {
		if p == "" {
			nulls++
			continue
		}
		valid[i/8] |= 1 << (i % 8)
	}
	n := int64(len(names))
	nodes := [][2]int64{{n, 0}, {n, nulls}, {n, 0}, {n * int64(dim), 0}}
	body := [][]byte{nil, nameOffsets, nameBytes, valid, pathOffsets, pathBytes, nil, nil, values}
	b := flatbuffers.NewBuilder(1024)
	b.StartVector(16, len(body), 8)
	end := int64(0)
	for _, part := range body {
		end += int64(padded(len(part)))
	}
	for i := len(body) - 1; i >= 0; i-- { // a flatbuffer is written from its end
		end -= int64(padded(len(body[i])))
		b.Prep(8, 16)
		b.PrependInt64(int64(len(body[i])))
		b.PrependInt64(end)
	}
	buffers := b.EndVector(len(body))
	b.StartVector(16, len(nodes), 8)
	for i := len(nodes) - 1; i >= 0; i-- {
		b.Prep(8, 16)
		b.PrependInt64(nodes[i][1])
		b.PrependInt64(nodes[i][0])
	}
	nodesAt := b.EndVector(len(nodes))
	b.StartObject(4)
	b.PrependInt64Slot(0, n, 0)
	b.PrependUOffsetTSlot(1, nodesAt, 0)
	b.PrependUOffsetTSlot(2, buffers, 0)
	return a.message(b, batchMessage, b.EndObject(), body)
}

// arrowSchema writes: name: utf8, path: utf8 or null, embedding: fixed_size_list<float32>[dim].
func arrowSchema(b *flatbuffers.Builder, dim int) flatbuffers.UOffsetT {
	field := func(name string, nullable bool, kind byte, typ flatbuffers.UOffsetT, children ...flatbuffers.UOffsetT) flatbuffers.UOffsetT {
		nameAt := b.CreateString(name)
		childrenAt := offsets(b, children)
		b.StartObject(7)
		b.PrependUOffsetTSlot(0, nameAt, 0)
		b.PrependBoolSlot(1, nullable, false)
		b.PrependByteSlot(2, kind, 0)
		b.PrependUOffsetTSlot(3, typ, 0)
		b.PrependUOffsetTSlot(5, childrenAt, 0)
		return b.EndObject()
	}
	text := func() flatbuffers.UOffsetT {
		b.StartObject(0)
		return b.EndObject()
	}
	b.StartObject(1)
	b.PrependInt16Slot(0, 1, 0) // single precision
	single := b.EndObject()
	item := field("item", false, arrowFloat, single)
	b.StartObject(1)
	b.PrependInt32Slot(0, int32(dim), 0)
	list := b.EndObject()
	fields := offsets(b, []flatbuffers.UOffsetT{
		field("name", false, arrowText, text()), field("path", true, arrowText, text()), field("embedding", false, arrowFixedList, list, item),
	})
	b.StartObject(4)
	b.PrependUOffsetTSlot(1, fields, 0)
	return b.EndObject()
}

func offsets(b *flatbuffers.Builder, of []flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	b.StartVector(4, len(of), 4)
	for i := len(of) - 1; i >= 0; i-- {
		b.PrependUOffsetT(of[i])
	}
	return b.EndVector(len(of))
}

// footer writes the schema again, and where the batches lie.
func (a *arrowWriter) footer(dim int) error {
	b := flatbuffers.NewBuilder(1024)
	schema := arrowSchema(b, dim)
	b.StartVector(24, 0, 8)
	dictionaries := b.EndVector(0)
	b.StartVector(24, len(a.blocks), 8)
	for i := len(a.blocks) - 1; i >= 0; i-- {
		b.Prep(8, 24)
		b.PrependInt64(a.blocks[i].body)
		b.Pad(4)
		b.PrependInt32(a.blocks[i].metadata)
		b.PrependInt64(a.blocks[i].at)
	}
	batches := b.EndVector(len(a.blocks))
	b.StartObject(5)
	b.PrependInt16Slot(0, 4, 0)
	b.PrependUOffsetTSlot(1, schema, 0)
	b.PrependUOffsetTSlot(2, dictionaries, 0)
	b.PrependUOffsetTSlot(3, batches, 0)
	b.Finish(b.EndObject())
	data := b.FinishedBytes()
	return a.write(append(binary.LittleEndian.AppendUint32(data, uint32(len(data))), arrowMagic...))
}
