package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/akin-search/akin/internal/disk"
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
	partial := path + ".incomplete"
	out, err := os.OpenFile(partial, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return fail(err)
	}
	defer out.Close()
	if err := h.download(ctx, "/models/"+name, f, out, &progress{total: f.size, report: h.Progress}); err != nil {
		return fail(err)
	}
	sum := sha256.New()
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return fail(err)
	}
	if _, err := io.Copy(sum, out); err != nil {
		return fail(err)
	}
	want := strings.TrimSuffix(name[strings.LastIndexByte(name, '-')+1:], filepath.Ext(name))
	if got := hex.EncodeToString(sum.Sum(nil)); want == "" || !strings.HasPrefix(got, want) {
		out.Close()
		return fail(errors.Join(fmt.Errorf("%w: its hash begins %.8s, not %s; it was removed: pull again", ErrCorrupt, got, want), os.Remove(partial)))
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return fail(err)
	}
	if err := os.Rename(partial, path); err != nil {
		return fail(err)
	}
	if err := disk.OS.SyncDir(filepath.Dir(path)); err != nil {
		return fail(err)
	}
	return path, nil
}
