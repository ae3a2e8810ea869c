package duplicates

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

var testFormat = recordFormat{magic: [8]byte{'t', 'e', 's', 't'}, keyBytes: 16, bodyBytes: 3}

func TestRecordsAreStored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "records")
	open := func() *recordFile {
		r, err := openRecords(dir, "records", testFormat)
		must(t, err)
		return r
	}
	has := func(r *recordFile, key byte, want string) {
		t.Helper()
		if got, ok := r.get(recordKey{key}); ok != (want != "") || string(got) != want {
			t.Errorf("key %d: %q, %v; want %q", key, got, ok, want)
		}
	}
	r := open()
	r.put(recordKey{1}, []byte("one"))
	r.put(recordKey{2}, []byte("two"))
	has(r, 1, "one")
	r.flush()
	has(r, 1, "one")

	// While one has the file open, another keeps its records in memory.
	other := open()
	has(other, 2, "two")
	other.put(recordKey{3}, []byte("tri"))
	has(other, 3, "tri")
	must(t, other.close())
	must(t, r.close())

	data, err := os.ReadFile(path)
	must(t, err)
	if want := 8 + 2*(16+3+4); len(data) != want {
		t.Fatalf("%d bytes, want %d", len(data), want)
	}
	damaged := bytes.Clone(data)
	damaged[8+16] ^= 1
	must(t, os.WriteFile(path, append(damaged, "half a record"...), 0o666))
	r = open()
	has(r, 1, "")
	has(r, 2, "two")
	r.put(recordKey{1}, []byte("new"))
	must(t, r.close())
	r = open()
	has(r, 1, "new")
	has(r, 2, "two")
	must(t, r.close())

	must(t, os.WriteFile(path, []byte("something else"), 0o666))
	r = open()
	has(r, 2, "")
	r.put(recordKey{2}, []byte("two"))
	must(t, r.close())
	r = open()
	has(r, 2, "two")
	must(t, r.close())

	var none *recordFile
	if _, ok := none.get(recordKey(record.Hash{1})); ok {
		t.Error("a nil file has records")
	}
}
