package hub_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/hub"
)

const (
	shardA, shardB = "model-1.safetensors", "model-2.safetensors"
	syncEvery      = 8 << 10
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("AKIN_TEST_PART"); dir != "" {
		h := &hub.Hub{Endpoint: os.Getenv("AKIN_TEST_HUB"), Cache: os.Getenv("AKIN_TEST_CACHE"), HTTP: &http.Client{}}
		h.SyncEvery(syncEvery)
		if err := pullPart(context.Background(), h, dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// part is one of two shards: neighbours, neighbours but for a gap, and some that are
// in another order than in their file.
func part(dir string) hub.Part {
	return hub.Part{
		Dir: dir, File: "model.safetensors", Head: []byte("the head of the file"), Beside: []string{"config.json"},
		Pieces: []hub.Piece{
			{Name: shardA, Offset: 100_000, Length: 50_000},
			{Name: shardA, Offset: 150_000, Length: 1},
			{Name: shardA, Offset: 150_000, Length: 0},
			{Name: shardA, Offset: 151_000, Length: 40_000},
			{Name: shardA, Offset: 2_000_000, Length: 3_000}, // beyond the gap that is read over
			{Name: shardA, Offset: 10, Length: 20},           // back
			{Name: shardB, Offset: 299_000, Length: 1_000},   // to its end
		},
	}
}

// runs are the requests that it takes.
var runs = []string{"bytes=100000-190999", "bytes=2000000-2002999", "bytes=10-29", "bytes=299000-299999"}

// serveShards serves what part is made of.
func serveShards(t *testing.T) *server {
	t.Helper()
	s := serve(t)
	big := make([]byte, 2_100_000)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(big)
	s.files[shardA], s.files[shardB] = big, s.files["model.safetensors"]
	s.big[shardA], s.big[shardB] = true, true
	return s
}

// asks are the ranges that the store was asked for since the last call.
func (s *server) asks() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.ranges
	s.ranges = nil
	return asked
}

// part is what the file is to hold.
func (s *server) part() []byte {
	p := part("")
	want := slices.Clone(p.Head)
	for _, piece := range p.Pieces {
		want = append(want, s.files[piece.Name][piece.Offset:][:piece.Length]...)
	}
	return want
}

func pullPart(ctx context.Context, h *hub.Hub, dir string) error {
	s, err := h.Look(ctx, repository)
	if err != nil {
		return err
	}
	return s.PullPart(ctx, part(dir))
}

func checkPart(t *testing.T, s *server, dir string) {
	t.Helper()
	if got, err := os.ReadFile(filepath.Join(dir, "model.safetensors")); err != nil || !bytes.Equal(got, s.part()) {
		t.Errorf("it has %d bytes, %v, or other ones than it should", len(got), err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "config.json")); err != nil || !bytes.Equal(got, s.files["config.json"]) {
		t.Errorf("config.json beside it: %q, %v", got, err)
	}
	left, err := filepath.Glob(dir + ".*.partial")
	if err != nil || len(left) > 0 {
		t.Errorf("%v are left, %v", left, err)
	}
}

func TestAPartIsPutTogetherOfRanges(t *testing.T) {
	t.Parallel()
	s := serveShards(t)
	h := client(t, s)
	h.Token = "secret"
	waits := 0
	h.Wait = func(context.Context, time.Duration) error { waits++; return nil }
	var last [2]int64
	h.Progress = func(done, total int64) { last = [2]int64{done, total} }
	dir := filepath.Join(t.TempDir(), "models", "m")
	if err := pullPart(t.Context(), h, dir); err != nil {
		t.Fatal(err)
	}
	checkPart(t, s, dir)
	if asks := s.asks(); !slices.Equal(asks, runs) {
		t.Errorf("it asked for %q", asks)
	}
	if waits > 0 {
		t.Errorf("it waited %d times between them", waits)
	}
	if total := int64(50_001 + 40_000 + 3_000 + 20 + 1_000); last != [2]int64{total, total} {
		t.Errorf("the progress ends at %v", last)
	}
	if slices.Contains(s.tokens, "Bearer secret") {
		t.Error("the token was sent to another host")
	}
	// Who shares the cache finds no weights in it.
	if err := filepath.WalkDir(h.Cache, func(path string, d fs.DirEntry, err error) error {
		if info, _ := d.Info(); err == nil && info.Mode().IsRegular() && info.Size() > 100 {
			t.Errorf("%s is in the cache", path)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	if _, err := h.Find(repository); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the cache has a snapshot without weights: %v", err)
	}
	if repo, ok := hub.IsPart(dir); !ok || repo != repository {
		t.Errorf("it is a part of %q, %v", repo, ok)
	}
	snapshot, err := h.Look(t.Context(), repository)
	if err != nil || !snapshot.HasPart(dir) || snapshot.HasPart(t.TempDir()) {
		t.Errorf("it is not told to be of this snapshot, %v", err)
	}

	// Again, nothing is fetched but what changed beside it.
	s.asks()
	s.files["config.json"] = []byte(`{"a":1}`)
	if err := pullPart(t.Context(), h, dir); err != nil {
		t.Fatal(err)
	}
	checkPart(t, s, dir)
	if asks := s.asks(); len(asks) > 0 {
		t.Errorf("again, it asked for %q", asks)
	}
	// Another revision takes its place.
	s.files[shardB] = bytes.Repeat([]byte("new"), 100_000)
	if err := pullPart(t.Context(), h, dir); err != nil {
		t.Fatal(err)
	}
	checkPart(t, s, dir)
	if err := hub.RemovePart(t.Context(), dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is there after it was removed: %v", err)
	}
}

func TestFaultsOfRanges(t *testing.T) {
	t.Parallel()
	type fault func(s *server, w http.ResponseWriter, r *http.Request) bool
	// of is a fault of what begins so, the hub or the store, about the first shard.
	of := func(prefix string, f fault) fault {
		return func(s *server, w http.ResponseWriter, r *http.Request) bool {
			return r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, prefix) && strings.HasSuffix(r.URL.Path, shardA) && f(s, w, r)
		}
	}
	answer := func(code int, header ...string) fault {
		return func(_ *server, w http.ResponseWriter, _ *http.Request) bool {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			_, _ = w.Write(make([]byte, 200_000))
			return true
		}
	}
	for _, c := range []struct {
		why   string
		fault fault
		is    error // when it never stops
		says  string
	}{
		{"too many requests", of("/", answer(429, "Retry-After", "1")), nil, "429"},
		{"out of order", of("/cdn/", answer(503)), nil, "503"},
		{"a link that has expired", of("/cdn/", answer(403)), nil, "expired"},
		{"the file whole", of("/cdn/", answer(200)), hub.ErrNoRanges, "parts of files"},
		{"another range", of("/cdn/", answer(206, "Content-Range", "bytes 0-90999/2100000")), hub.ErrCorrupt, "bytes 100000-"},
		{"a range of another file", of("/cdn/", answer(206, "Content-Range", "bytes 100000-190999/2100001")), hub.ErrCorrupt, "2100001"},
		{"no range at all", of("/cdn/", answer(206)), hub.ErrCorrupt, "Content-Range"},
		{"another revision at the hub", of("/"+repository, func(s *server, w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("X-Linked-Etag", `"`+strings.Repeat("0", 64)+`"`)
			http.Redirect(w, r, s.cdn.URL+"/cdn/"+shardA, http.StatusFound)
			return true
		}), hub.ErrCorrupt, "ETag"},
		{"a connection that is cut", of("/cdn/", func(*server, http.ResponseWriter, *http.Request) bool {
			panic(http.ErrAbortHandler)
		}), nil, "EOF"},
	} {
		for _, once := range []bool{true, false} {
			why := fmt.Sprintf("%s, once %v", c.why, once)
			s := serveShards(t)
			var struck atomic.Int32
			s.fault = func(w http.ResponseWriter, r *http.Request, _ int) bool {
				if once && struck.Load() > 0 {
					return false
				}
				struck.Add(1)
				if c.fault(s, w, r) {
					return true
				}
				struck.Add(-1)
				return false
			}
			h := client(t, s)
			dir := filepath.Join(t.TempDir(), "m")
			err := pullPart(t.Context(), h, dir)
			if struck.Load() == 0 {
				t.Fatalf("%s: it did not strike", why)
			}
			if once {
				if err != nil {
					t.Errorf("%s: %v", why, err)
					continue
				}
				checkPart(t, s, dir)
				continue
			}
			if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), repository) {
				t.Errorf("%s: %v", why, err)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: it is there all the same: %v", why, err)
			}
			s.fault = nil
			if err := pullPart(t.Context(), h, dir); err != nil {
				t.Errorf("after %s: %v", why, err)
				continue
			}
			checkPart(t, s, dir)
		}
	}
}

// The bytes of two files that the store took for the same never get into one part.
func TestAStoreThatChangesItsFileIsNoticed(t *testing.T) {
	t.Parallel()
	for _, once := range []bool{true, false} {
		s := serveShards(t)
		s.fault = func(w http.ResponseWriter, r *http.Request, n int) bool {
			if r.URL.Path != "/cdn/"+shardA || n < 2 || once && n > 2 {
				return false
			}
			w.Header().Set("ETag", `"another"`)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(make([]byte, len(s.files[shardA]))))
			return true
		}
		h := client(t, s)
		dir := filepath.Join(t.TempDir(), "m")
		err := pullPart(t.Context(), h, dir)
		if once {
			if err != nil {
				t.Error(err)
			}
			checkPart(t, s, dir)
			continue
		}
		if !errors.Is(err, hub.ErrCorrupt) || !strings.Contains(err.Error(), "pull again") {
			t.Error(err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir+".*.partial", "model.safetensors")); len(left) > 0 {
			t.Errorf("%v is left", left)
		}
	}
}

// A pull is cancelled wherever it may be; and what was not synced is lost, as when the
// power fails. The next one goes on from the last mark.
func TestAPartGoesOnWhereverItWasEnded(t *testing.T) {
	t.Parallel()
	s := serveShards(t)
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
	dir := filepath.Join(t.TempDir(), "m")
	h := client(t, s)
	h.SyncEvery(syncEvery)
	ends := 0
	for rounds := 0; rounds < 30; {
		ctx, cancel := context.WithCancel(t.Context())
		begin, end := int64(-1), r.Int64N(40_000)
		h.Progress = func(done, total int64) {
			if begin < 0 {
				begin = done
			}
			if done >= begin+end {
				cancel()
			}
		}
		before := int64(0)
		partial, _ := filepath.Glob(filepath.Join(dir+".*.partial", "model.safetensors"))
		if len(partial) == 1 {
			before = spoil(t, partial[0])
		}
		err := pullPart(ctx, h, dir)
		cancel()
		if head := int64(len(part("").Head)); begin >= 0 && begin+head < before {
			t.Fatalf("it went on from byte %d, and %d were sure", begin+head, before)
		}
		switch {
		case err == nil:
			checkPart(t, s, dir)
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			rounds++
		case errors.Is(err, context.Canceled):
			ends++
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Fatalf("it is there before it is whole: %v", err)
			}
		default:
			t.Fatal(err)
		}
	}
	t.Logf("ended %d times", ends)
	if ends < 30 {
		t.Errorf("it was ended only %d times", ends)
	}
}

// spoil makes zeros of what is not sure to be on the disk, and gives where they begin.
func spoil(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	sure := max(0, info.Size()-1) / syncEvery * syncEvery
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(make([]byte, info.Size()-sure), sure)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return sure
}

// A process is killed with SIGKILL again and again. Each goes on where the one before
// ended: none of them lives long enough to fetch it all.
func TestAKilledPullIsGoneOnWith(t *testing.T) {
	t.Parallel()
	s := serveShards(t)
	began := make(chan bool, 100) // more than a process asks for
	s.mu.Lock()                   // another process asks: nothing else orders this before it
	s.fault = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		data := s.files[strings.TrimPrefix(r.URL.Path, "/cdn/")]
		if r.Method != http.MethodGet || !strings.HasPrefix(r.URL.Path, "/cdn/model-") {
			return false
		}
		began <- true
		var first, last int
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &first, &last)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, len(data)))
		w.WriteHeader(http.StatusPartialContent)
		for first <= last {
			n := min(2<<10, last+1-first)
			if _, err := w.Write(data[first:][:n]); err != nil {
				return true
			}
			w.(http.Flusher).Flush()
			first += n
			time.Sleep(5 * time.Millisecond)
		}
		return true
	}
	s.mu.Unlock()
	dir, cache := filepath.Join(t.TempDir(), "m"), t.TempDir()
	kills, whole := 0, false
	for ; kills < 200 && !whole; kills++ {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "AKIN_TEST_PART="+dir, "AKIN_TEST_HUB="+s.URL, "AKIN_TEST_CACHE="+cache)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-began:
			timer := time.AfterFunc(time.Duration(rand.Int64N(int64(90*time.Millisecond))), func() { _ = cmd.Process.Kill() })
			err := <-ended
			timer.Stop()
			if err == nil {
				whole = true
			}
		case err := <-ended:
			if err != nil {
				t.Fatalf("it ended before it was killed: %v", err)
			}
			whole = true
		}
		if _, err := os.Stat(dir); err == nil {
			checkPart(t, s, dir)
		}
		for len(began) > 0 {
			<-began
		}
	}
	t.Logf("killed %d times", kills)
	if kills < 3 || !whole {
		t.Errorf("it was killed %d times, whole %v", kills, whole)
	}
	checkPart(t, s, dir)
}

func TestTwoPullsOfOnePartFetchItOnce(t *testing.T) {
	t.Parallel()
	s := serveShards(t)
	dir := filepath.Join(t.TempDir(), "m")
	ended := make(chan error)
	for range 3 {
		h := client(t, s)
		go func() { ended <- pullPart(t.Context(), h, dir) }()
	}
	for range 3 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	checkPart(t, s, dir)
	if asks := s.asks(); !slices.Equal(asks, runs) {
		t.Errorf("they asked for %q", asks)
	}
}

func TestWhatStandsInTheWayOfAPartIsSaidEarly(t *testing.T) {
	t.Parallel()
	s := serveShards(t)
	h := client(t, s)
	dir := t.TempDir()
	if err := pullPart(t.Context(), h, dir); err == nil || !strings.Contains(err.Error(), "remove "+dir) {
		t.Errorf("a folder that is another's: %v", err)
	}
	if err := hub.RemovePart(t.Context(), dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("another's folder was removed: %v", err)
	}
	h.SetFree(94_000)
	if err := pullPart(t.Context(), h, filepath.Join(dir, "m")); err == nil || !strings.Contains(err.Error(), "make room") {
		t.Errorf("on a full disk: %v", err)
	}
	if _, err := pull(t.Context(), h); err == nil || !strings.Contains(err.Error(), "make room") {
		t.Errorf("whole, on a full disk: %v", err)
	}
	if asks := s.asks(); len(asks) > 0 {
		t.Errorf("it asked for %q before", asks)
	}
	// What an earlier pull left needs no room.
	h.SetFree(20)
	weights := s.files["model.safetensors"]
	blobs := filepath.Join(h.Cache, "models--org--model", "blobs")
	begun := filepath.Join(blobs, fmt.Sprintf("%x.incomplete", sha256.Sum256(weights)))
	if err := errors.Join(os.MkdirAll(blobs, 0o777), os.WriteFile(begun, weights[:len(weights)-10], 0o666)); err != nil {
		t.Fatal(err)
	}
	if _, err := pull(t.Context(), h); err != nil {
		t.Errorf("with nearly all of it here: %v", err)
	}
}

// The header's reader asks for the beginning once, and for what is beyond it.
func TestAFileIsReadWhereItIs(t *testing.T) {
	t.Parallel()
	s := serveShards(t)
	snapshot, err := client(t, s).Look(t.Context(), repository)
	if err != nil {
		t.Fatal(err)
	}
	r, size, err := snapshot.Open(t.Context(), shardB)
	if err != nil || size != 300_000 {
		t.Fatalf("%d bytes, %v", size, err)
	}
	for _, c := range []struct {
		at, length int
		asks       []string
	}{
		{0, 8, nil},
		{8, 200_000, nil},
		{262_140, 10, []string{"bytes=262144-262149"}},
		{299_999, 1, []string{"bytes=299999-299999"}},
	} {
		s.asks()
		got := make([]byte, c.length)
		if n, err := r.ReadAt(got, int64(c.at)); n != c.length || err != nil || !bytes.Equal(got, s.files[shardB][c.at:][:c.length]) {
			t.Errorf("%d bytes at %d: %d, %v, or other ones", c.length, c.at, n, err)
		}
		if asks := s.asks(); !slices.Equal(asks, c.asks) {
			t.Errorf("%d bytes at %d: it asked for %q", c.length, c.at, asks)
		}
	}
	if _, err := r.ReadAt(make([]byte, 2), 299_999); !errors.Is(err, io.EOF) {
		t.Errorf("beyond its end: %v", err)
	}
}
