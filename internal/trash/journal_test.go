package trash

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/disk"
)

func TestTheJournalKnowsWhatIsAway(t *testing.T) {
	t.Parallel()
	type step struct{ step, to string }
	for _, x := range []struct {
		why          string
		steps        []step
		begun, moved []string
	}{
		{"nothing was done", nil, nil, nil},
		{"the last one first", []step{{Begin, "a"}, {Done, "a"}, {Begin, "b"}, {Done, "b"}}, nil, []string{"b", "a"}},
		{"begun, undone, not confirmed", []step{{Begin, "a"}, {Begin, "b"}, {Undone, "b"}, {Begin, "c"}, {Unsynced, "c"}}, []string{"a", "c"}, nil},
		{"put back", []step{{Begin, "a"}, {Done, "a"}, {Restored, "a"}}, nil, nil},
		{"moved again, under its name, and last", []step{
			{Begin, "a"}, {Done, "a"}, {Restored, "a"}, {Begin, "b"}, {Done, "b"}, {Begin, "a"}, {Done, "a"}}, nil, []string{"a", "b"}},
		{"begun again", []step{{Begin, "a"}, {Done, "a"}, {Begin, "a"}}, []string{"a"}, nil},
	} {
		path := filepath.Join(t.TempDir(), "removed.journal")
		j, _, err := OpenJournal(disk.OS, path)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range x.steps {
			if err := j.Write(s.step, Entry{To: s.to}); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j, begun, err := OpenJournal(disk.OS, path)
		if err != nil {
			t.Fatal(err)
		}
		moved, err := j.Moved()
		if err != nil {
			t.Fatal(err)
		}
		to := func(entries []Entry) (to []string) {
			for _, e := range entries {
				to = append(to, e.To)
			}
			return to
		}
		if !slices.Equal(to(begun), x.begun) || !slices.Equal(to(moved), x.moved) {
			t.Errorf("%s: begun %v, moved %v", x.why, to(begun), to(moved))
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
