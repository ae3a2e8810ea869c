package main

import (
	"maps"
	"testing"
)

// Two originals, two copies of the first and one of the second: worked by hand.
func TestJudgeCountsFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := truth{
		map[string]string{"a": "a", "b": "b", "a1": "a", "a2": "a", "b1": "b"},
		map[string]string{"a": "", "b": "", "a1": "small", "a2": "jpeg", "b1": "jpeg"},
	}
	if err := made.write(dir); err != nil {
		t.Fatal(err)
	}
	all, err := readTruth(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why          string
		pairs        []pair
		found, wrong int
		missed       map[string]int
	}{
		{"nothing is paired", nil, 0, 0, map[string]int{"small": 1, "jpeg": 2}},
		{"a copy is found by another copy", []pair{{"a1", "a2"}}, 2, 0, map[string]int{"jpeg": 1}},
		{"originals are no copies of each other", []pair{{"a", "b"}, {"a", "b1"}}, 0, 3, map[string]int{"small": 1, "jpeg": 2}},
		{"a file may be found and wrong", []pair{{"b", "b1"}, {"b1", "a"}}, 1, 2, map[string]int{"small": 1, "jpeg": 1}},
	} {
		r := all.judge(c.pairs)
		if r.Made != 3 || r.Found != c.found || r.Wrong != c.wrong || !maps.Equal(r.Missed, c.missed) {
			t.Errorf("%s: %+v", c.why, r)
		}
	}
}
