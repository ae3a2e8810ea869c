package local

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// Lists of all pictures, and of each space's rows, are files that are mapped, because reading
// millions of them from the database takes seconds. They are derived. A list names the
// generation of the database that it was made from; one of another generation is ignored.
//
//	DIR/pictures.list         ids, names and sources, widths and heights, stamps
//	DIR/spaces/…/rows.list    which picture has which row
const (
	picturesList = "pictures.list"
	rowsList     = "rows.list"
)

// ErrList reports that a list is damaged.
var errList = errors.New("the list is damaged")

// listHead begins the file of a list. Its arrays follow, each from a multiple of 8 bytes on.
type listHead struct {
	Magic      [8]byte
	Generation [16]byte
	Sizes      [5]uint64 // bytes of the arrays
	Body       uint32    // checksum of what follows the head
	Head       uint32    // checksum of the head before this
}

var listMagic = [8]byte{'a', 'k', 'i', 'n', 'l', 's', 't', 1}

const listHeadBytes = 8 + 16 + 5*8 + 2*4

// generation identifies a state of the database: each commit makes a new one.
// It is "" in a collection that was last written to before there were lists.
func generation(tx *readTx) (string, error) {
	var g string
	err := tx.one(`SELECT value FROM meta WHERE key = 'generation'`, nil, &g)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err == nil && len(g) != len(listHead{}.Generation) {
		return "", fmt.Errorf("%w: its generation is %.20q", record.ErrDamaged, g)
	}
	return g, err
}

// newGeneration is the statement that outdates all lists.
const newGeneration = `INSERT OR REPLACE INTO meta VALUES ('generation', lower(hex(randomblob(8))))`

// writeList replaces a list.
func writeList(on disk.FS, path, generation string, arrays ...[]byte) error {
	h := listHead{Magic: listMagic}
	copy(h.Generation[:], generation)
	var padding [8]byte
	sum := crc32c.New()
	each := func(w io.Writer) error {
		for i, a := range arrays {
			h.Sizes[i] = uint64(len(a))
			if _, err := w.Write(a); err != nil {
				return err
			}
			if _, err := w.Write(padding[:-len(a)&7]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := each(sum); err != nil {
		return err
	}
	h.Body = sum.Sum32()
	return replaceFile(on, path, func(w io.Writer) error {
		if _, err := w.Write(h.encode()); err != nil {
			return err
		}
		return each(w)
	})
}

func (h listHead) encode() []byte {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, h) // into memory
	head := b.Bytes()
	binary.LittleEndian.PutUint32(head[listHeadBytes-4:], crc32c.Sum(head[:listHeadBytes-4]))
	return head
}

// readListHead returns the head of a list, and the bytes that the file must have.
func readListHead(r io.Reader) (h listHead, size int64, err error) {
	var head [listHeadBytes]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return h, 0, errList
	}
	if _, err := binary.Decode(head[:], binary.LittleEndian, &h); err != nil {
		return h, 0, err
	}
	if h.Magic != listMagic || h.Head != crc32c.Sum(head[:listHeadBytes-4]) {
		return h, 0, errList
	}
	size = listHeadBytes
	for _, n := range h.Sizes {
		if n > 1<<48 {
			return h, 0, errList
		}
		size += int64(n+7) &^ 7
	}
	return h, size, nil
}

// soundLists are the lists whose checksum was found to match.
type soundLists struct {
	mu    sync.Mutex
	known map[string]soundList // by path
}

type soundList struct {
	state fileState
	body  uint32
}

// check compares the bytes of a list with their checksum, once as long as the file does not change.
func (l *soundLists) check(path string, info fs.FileInfo, h listHead, data []byte) (ok bool) {
	now := soundList{fileState{path, info.Size(), info.ModTime()}, h.Body}
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.known[path]; ok && known.body == now.body && known.state.same(now.state) {
		return true
	}
	var err error
	func() {
		defer disk.Catch(&err)() // a list that cannot be read counts as missing: the database has its data
		ok = crc32c.Sum(data[listHeadBytes:]) == h.Body
	}()
	if ok = ok && err == nil; ok {
		if l.known == nil {
			l.known = map[string]soundList{}
		}
		l.known[path] = now
	}
	return ok
}

// openList maps a list of a generation, or none if it is missing, outdated or damaged.
func (c *Collection) openList(path, generation string) (arrays [][]byte, unmap func() error) {
	if generation == "" {
		return nil, nil
	}
	f, err := disk.Open(path)
	if err != nil {
		return nil, nil
	}
	defer f.Close()
	h, size, err := readListHead(f)
	if err != nil || string(h.Generation[:]) != generation {
		return nil, nil
	}
	info, err := f.Stat()
	if err != nil || info.Size() != size {
		return nil, nil
	}
	data, unmap, err := disk.Map(f, size)
	if err != nil {
		return nil, nil
	}
	if !c.sound.check(path, info, h, data) {
		unmap()
		return nil, nil
	}
	rest := data[listHeadBytes:]
	for _, n := range h.Sizes {
		arrays = append(arrays, rest[:n:n])
		rest = rest[(n+7)&^7:]
	}
	return arrays, unmap
}

// checkList reads a whole list, if there is one.
func checkList(path string) error {
	f, err := disk.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	h, size, err := readListHead(f)
	if err != nil {
		return err
	}
	sum := crc32c.New()
	n, err := io.Copy(sum, f)
	if err == nil && (n != size-listHeadBytes || sum.Sum32() != h.Body) {
		err = errList
	}
	return err
}

// openPictures maps the list of pictures.
func (c *Collection) openPictures(generation string) (*Pictures, func() error) {
	a, unmap := c.openList(filepath.Join(c.dir, picturesList), generation)
	if unmap == nil {
		return nil, nil
	}
	p := &Pictures{ids: valuesOf[int64](a[0]), starts: valuesOf[uint64](a[1]), text: a[2]}
	if len(p.starts) != 2*len(p.ids)+1 {
		unmap()
		return nil, nil
	}
	if sides := valuesOf[int32](a[3]); len(sides) == 2*len(p.ids) { // older lists have none
		p.sides = sides
	}
	if f := valuesOf[int64](a[4]); len(f) == stampsEach*len(p.ids) {
		p.stamps = f
	}
	return p, unmap
}

// openRows maps the list of a space's rows, of so many pictures.
func (c *Collection) openRows(generation string, space record.Space, pictures int) (*rowList, func() error) {
	a, unmap := c.openList(filepath.Join(c.spaceDir(space), rowsList), generation)
	if unmap == nil {
		return nil, nil
	}
	l := &rowList{row: valuesOf[int32](a[1]), first: valuesOf[int32](a[2]), next: valuesOf[int32](a[3]), keep: valuesOf[uint64](a[4])}
	if len(a[0]) != 8 || len(l.row) != pictures || len(l.next) != pictures || len(l.first) != space.Rows || len(l.keep) != (space.Rows+63)/64 {
		unmap()
		return nil, nil
	}
	l.covered = int(valuesOf[uint64](a[0])[0])
	return l, unmap
}

// covered returns how many pictures have an embedding in a space.
func (c *Collection) covered(tx *readTx, generation string, space record.Space) (n int, err error) {
	if a, unmap := c.openList(filepath.Join(c.spaceDir(space), rowsList), generation); unmap != nil {
		defer unmap()
		if len(a[0]) == 8 {
			return int(valuesOf[uint64](a[0])[0]), nil
		}
	}
	err = tx.one(`SELECT count(*) FROM picture p JOIN embedding e ON e.content = p.content AND e.space = ?`, []any{space.ID}, &n)
	return n, err
}

// list writes the lists that are missing or old.
func (w *Writer) list(ctx context.Context) error {
	spaces, err := w.c.Spaces(ctx)
	if err != nil {
		return err
	}
	return w.c.read(ctx, func(tx *readTx) error {
		g, err := generation(tx)
		if err != nil {
			return err
		}
		p, unmap := w.c.openPictures(g)
		if p != nil {
			defer unmap()
		} else {
			if p, err = readPictures(ctx, tx); err != nil || p.Len() < w.c.compactLeast {
				return err
			}
			if p.sides, err = readSides(ctx, tx, p); err != nil {
				return err
			}
			if p.stamps, err = w.c.readStamps(ctx, tx, p); err != nil {
				return err
			}
			if err := writeList(w.disk, filepath.Join(w.c.dir, picturesList), g, bytesOf(p.ids), bytesOf(p.starts), p.text, bytesOf(p.sides), bytesOf(p.stamps)); err != nil {
				return err
			}
		}
		for _, s := range spaces {
			if l, unmap := w.c.openRows(g, s, p.Len()); l != nil {
				if err := unmap(); err != nil {
					return err
				}
				continue
			}
			l, err := readRows(ctx, tx, s, p)
			if err != nil {
				return err
			}
			if s.Rows == 0 {
				continue // it has no folder yet
			}
			if err := writeList(w.disk, filepath.Join(w.c.spaceDir(s), rowsList), g,
				bytesOf([]uint64{uint64(l.covered)}), bytesOf(l.row), bytesOf(l.first), bytesOf(l.next), bytesOf(l.keep)); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachList calls f with every list's path.
func (c *Collection) eachList(ctx context.Context, f func(path string) error) error {
	spaces, err := c.Spaces(ctx)
	if err != nil {
		return err
	}
	err = f(filepath.Join(c.dir, picturesList))
	for _, s := range spaces {
		err = errors.Join(err, f(filepath.Join(c.spaceDir(s), rowsList)))
	}
	return err
}
