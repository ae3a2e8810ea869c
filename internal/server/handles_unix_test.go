//go:build unix

package server

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// A process of few file handles serves many collections, over and over; where none is left, it says
// that it cannot answer, instead of that there are no collections.
func TestManyCollectionsWithFewFileHandles(t *testing.T) {
	const collections = 49
	if os.Getenv("AKIN_TEST_FEW_HANDLES") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), "AKIN_TEST_FEW_HANDLES=1")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	var names []string
	for i := range collections {
		names = append(names, fmt.Sprintf("c%02d", i))
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = 128
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	_, h := served(t, names...)
	for round := range 3 {
		if got, failed, w := listOf(t, h); w.Code != 200 || len(got) != collections || len(failed) > 0 {
			t.Fatalf("round %d: %d %d collections, %v failed: %s", round, w.Code, len(got), failed, w.Body)
		}
		for _, name := range names {
			if w := get(t, h, "GET", base+"/collections/"+name+"/pictures", knowing, nil); w.Code != 200 {
				t.Fatalf("round %d, %s: %d %s", round, name, w.Code, w.Body)
			}
		}
		if w := get(t, h, "GET", "/readyz", nil, nil); w.Code != 200 {
			t.Fatalf("round %d: %d %s", round, w.Code, w.Body)
		}
	}
	// Somebody takes all that are left, and what collections that rest give back.
	var taken []*os.File
	for answered := true; answered; {
		for {
			f, err := os.Open(os.DevNull)
			if err != nil {
				break
			}
			taken = append(taken, f)
		}
		got, failed, w := listOf(t, h)
		answered = w.Code == 200 && len(got) == collections && len(failed) == 0
		if !answered && (w.Code != 503 || w.Header().Get("Retry-After") == "") {
			t.Fatalf("without handles: %d %s", w.Code, w.Body)
		}
	}
	if w := get(t, h, "GET", "/readyz", nil, nil); w.Code != 503 && len(taken) > 0 {
		// Resting may have given back some: then it is right that it is ready.
		if f, err := os.Open(os.DevNull); err != nil {
			t.Errorf("without handles it is ready: %s", w.Body)
		} else {
			f.Close()
		}
	}
	for i, f := range taken { // some are free, and not enough: all are told, or none
		f.Close()
		if i < 8 {
			if got, failed, w := listOf(t, h); w.Code != 503 && (w.Code != 200 || len(got) != collections || len(failed) > 0) {
				t.Errorf("%d handles: %d, %d collections, %v failed: %s", i+1, w.Code, len(got), failed, w.Body)
			}
		}
	}
	if got, failed, w := listOf(t, h); w.Code != 200 || len(got) != collections || len(failed) > 0 {
		t.Errorf("with handles again: %d, %d collections, %v failed", w.Code, len(got), failed)
	}
}
