//go:build unix

package local

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

// A collection on a read-only disk, or in another person's folder, answers.
func TestAFolderThatCannotBeWrittenIsRead(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("AKIN_TEST_READ_ONLY"); dir != "" {
		readWhatCannotBeWritten(t, dir)
		return
	}
	c, dir := create4(t)
	var space record.Space
	write(t, c, func(w *Writer) (err error) {
		if space, err = w.Space(t.Context(), "m", "f", dim); err != nil {
			return err
		}
		return w.Commit(t.Context(), numbered(space, 0, 3))
	})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() {
			t.Cleanup(func() { _ = os.Chmod(path, 0o755) })
			return os.Chmod(path, 0o555)
		}
		return os.Chmod(path, 0o444)
	})
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		readWhatCannotBeWritten(t, dir)
		return
	}
	// Nothing is closed to root: another user does it.
	program := filepath.Join(filepath.Dir(dir), "test")
	self, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(program, self, 0o755)
	}
	for up := filepath.Dir(dir); err == nil && up != filepath.Clean(os.TempDir()); up = filepath.Dir(up) {
		err = os.Chmod(up, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	again := exec.Command(program, "-test.run=^"+t.Name()+"$")
	again.Env = append(os.Environ(), "AKIN_TEST_READ_ONLY="+dir)
	again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("as another user: %v\n%s", err, out)
	}
}

func readWhatCannotBeWritten(t *testing.T, dir string) {
	c, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	spaces, err := c.Spaces(t.Context())
	if err != nil || len(spaces) != 1 {
		t.Fatal(spaces, err)
	}
	checkNumbered(t, c, spaces[0], 3)
	if w, err := c.Writer(); err == nil {
		_ = w.Close()
		t.Error("it can be written")
	}
}
