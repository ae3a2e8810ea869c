package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// truth is what the pictures of a set are.
type truth struct {
	origin map[string]string // file → the file that it is a copy of, or itself
	kind   map[string]string // of copies, how they were made; "" of originals
}

// pair are two files that a method calls copies.
type pair [2]string

// judgement is what a method makes of a set.
type judgement struct {
	Made   int // copies that were made
	Found  int // of these, that it pairs with their original or with another copy of it
	Wrong  int // files that it pairs with a file of another original
	Missed map[string]int
}

// judge holds a method's pairs against the truth. A file counts once, however many wrong pairs it is in.
func (t truth) judge(pairs []pair) judgement {
	found, wrong := map[string]bool{}, map[string]bool{}
	for _, p := range pairs {
		for _, f := range p {
			if t.origin[p[0]] == t.origin[p[1]] {
				found[f] = true
			} else {
				wrong[f] = true
			}
		}
	}
	r := judgement{Wrong: len(wrong), Missed: map[string]int{}}
	for f, kind := range t.kind {
		if kind == "" {
			continue
		}
		r.Made++
		if found[f] {
			r.Found++
		} else {
			r.Missed[kind]++
		}
	}
	return r
}

// write keeps the truth beside the pictures: file, original, kind.
func (t truth) write(dir string) error {
	f, err := os.Create(filepath.Join(dir, "truth.csv"))
	if err != nil {
		return err
	}
	defer f.Close()
	w := csv.NewWriter(f)
	_ = w.Write([]string{"file", "original", "copy"})
	files := make([]string, 0, len(t.origin))
	for name := range t.origin {
		files = append(files, name)
	}
	slices.Sort(files)
	for _, name := range files {
		_ = w.Write([]string{name, t.origin[name], t.kind[name]})
	}
	w.Flush()
	return w.Error()
}

func readTruth(dir string) (t truth, err error) {
	f, err := os.Open(filepath.Join(dir, "truth.csv"))
	if err != nil {
		return t, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return t, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	t = truth{map[string]string{}, map[string]string{}}
	for _, row := range rows[1:] {
		t.origin[row[0]], t.kind[row[0]] = row[1], row[2]
	}
	return t, nil
}
