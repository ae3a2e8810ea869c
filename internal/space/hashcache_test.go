package space

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// A file is hashed once, and again after any change, even one that restores its size and times.
func TestAFileIsHashedOnce(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("files are not known by their inode here")
	}
	var v hashCache
	path := filepath.Join(t.TempDir(), "large.png")
	sum := func(want string, read bool) {
		t.Helper()
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		got, err := v.sum(t.Context(), f)
		if err != nil || got != sha256.Sum256([]byte(want)) {
			t.Errorf("%q: %x, %v", want, got, err)
		}
		if at, _ := f.Seek(0, io.SeekCurrent); (at > 0) != read {
			t.Errorf("%q: %d bytes were read", want, at)
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("as it was indexed")
	sum("as it was indexed", true)
	sum("as it was indexed", true) // a change within the clock's tick would look alike
	time.Sleep(minChangeAge + 100*time.Millisecond)
	sum("as it was indexed", true)
	sum("as it was indexed", false)

	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	write("as it is not, now")
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	sum("as it is not, now", true)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := v.sum(ctx, f); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits any more: %v", err)
	}
	for i := range 2 * maxHashes {
		v.remember(fileState{inode: uint64(i)}, sha256.Sum256(fmt.Append(nil, i)))
	}
	if len(v.byState) > maxHashes {
		t.Errorf("%d files are remembered", len(v.byState))
	}
}
