package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// TorchEndpoint is where torchvision's checkpoints are.
const TorchEndpoint = "https://download.pytorch.org"

// PullTorch downloads /models/NAME-HASH.pth into TorchCache, as torch.hub.load_state_dict_from_url
// does: the file's SHA-256 begins with HASH.
func (h *Hub) PullTorch(ctx context.Context, name string) (path string, err error) {
	dir := h.TorchCache
	fail := func(err error) (string, error) { return "", fmt.Errorf("pull %s: %w", name, err) }
	path = filepath.Join(dir, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if h.Offline {
		return fail(ErrOffline)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fail(err)
	}
	lock := flock.New(path + ".lock")
	if _, err := lock.TryLockContext(ctx, lockPause); err != nil {
		return fail(err)
	}
	defer os.Remove(lock.Path())
	defer lock.Unlock()
	response, err := h.ask(ctx, http.MethodHead, "/models/"+name, span{})
	if err != nil {
		return fail(err)
	}
	response.Body.Close()
	f := file{name: name, size: response.ContentLength}
	if f.size < 0 {
		return fail(fmt.Errorf("%w: its size is not told", ErrCorrupt))
	}
	if err := h.obtain(ctx, "/models/"+name, f, path+incomplete, path, checkName, &progress{total: f.size, report: h.Progress}); err != nil {
		return fail(err)
	}
	return path, nil
}

// checkName holds a file to the hash that its name ends with the beginning of.
func checkName(f *os.File, want file) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	begin := strings.TrimSuffix(want.name[strings.LastIndexByte(want.name, '-')+1:], filepath.Ext(want.name))
	if got := hex.EncodeToString(sum.Sum(nil)); begin == "" || !strings.HasPrefix(got, begin) {
		return fmt.Errorf("%w: its hash begins %.8s, not %s; it was removed: pull again", ErrCorrupt, got, begin)
	}
	return nil
}
