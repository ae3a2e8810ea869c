package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
)

var arrowFiles = []string{"plain.arrow", "lz4.arrow", "zstd.arrow", "stream.arrows", "pyarrow.feather", "polars.arrow"}

// The files were written by pyarrow and polars (testdata/make.py); the right cells are what pyarrow reads of the same table
// in Parquet.
func TestArrowIsReadAsPyarrowReadsIt(t *testing.T) {
	t.Parallel()
	rows := pyarrowRows(t)
	views := []any{"short", nil, "longer than twelve bytes", "", strings.Repeat("x", 20)}
	days := []any{1.0, 2.0, nil, 3.0, -4.0}
	for i, row := range rows {
		row["word"], row["large"], row["view"], row["day"] = row["name"], row["name"], views[i], days[i]
	}
	for _, name := range arrowFiles {
		titles := plainTitles + " word large view day"
		switch name {
		case "polars.arrow":
			titles = plainTitles
		case "pyarrow.feather":
			titles = plainTitles + " word large day"
		}
		readsAs(t, filepath.Join("testdata", name), titles, rows)
	}
}

func TestOnlyKeptColumnsOfArrowAreRead(t *testing.T) {
	t.Parallel()
	f := open(t, "testdata/zstd.arrow")
	f.Keep(1)
	for _, want := range []string{"Chad", "Mali", "Tchad é", "", "a;b"} {
		cells, err := f.Read()
		if err != nil || cells[1].Text != want || cells[0].Kind != Null || cells[5].Kind != Null {
			t.Errorf("%v, %v", cells[:2], err)
		}
	}
}

// Every file that is cut, or of which eight bytes say another number, is read or refused, in little memory.
func TestDamagedArrowIsReadOrRefused(t *testing.T) {
	t.Parallel()
	try := func(data []byte) error {
		var err error
		bounded.Run(t, 64<<20, 5*time.Second, func() {
			var f *Frame
			if f, err = openArrow(bytes.NewReader(data), int64(len(data))); err != nil {
				return
			}
			f.close = func() error { return nil }
			for err == nil {
				_, err = f.Read()
			}
		})
		return err
	}
	guarded := func(why string, data []byte) {
		var err error
		func() {
			defer recovered(&err)
			err = try(data)
		}()
		if err == nil {
			t.Errorf("%s: it never ends", why)
		}
	}
	for _, name := range []string{"plain.arrow", "zstd.arrow"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(data); n += 37 {
			guarded(name+" cut", data[:n])
		}
		for at := 0; at+8 <= len(data); at += 24 {
			for _, v := range []uint64{1<<63 - 1, 1 << 62, 1 << 31, 1<<64 - 1} {
				lying := slices.Clone(data)
				binary.LittleEndian.PutUint64(lying[at:], v)
				guarded(name+" lying", lying)
			}
		}
	}
	for why, c := range map[string]struct{ data, says string }{
		"an empty file":          {"", "it has no schema"},
		"another format":         {"hello, this is text", "a message of 1819043176 bytes"},
		"Feather, version 1":     {"FEA1 and so on, for a while", "a message of"},
		"a lying footer":         {"ARROW1\x00\x00and more, and more\xff\xff\xff\x7fARROW1", "a footer of 2147483647 bytes"},
		"a file without its end": {"ARROW1\x00\x00\xff\xff\xff\xff and more", "it does not end as an Arrow file does"},
	} {
		if err := try([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func FuzzArrow(f *testing.F) {
	for _, name := range arrowFiles {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := write(t, "x.arrow", string(data))
		bounded.Run(t, 192<<20+1000*uint64(len(data)), 5*time.Second, func() {
			if err := readAll(path); err != nil && !errors.Is(err, ErrFile) {
				t.Errorf("%v", err)
			}
		})
	})
}
