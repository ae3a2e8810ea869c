package akin_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
)

// pngOf is the file of a picture of one colour.
func pngOf(t *testing.T, grey uint8) []byte {
	t.Helper()
	var b bytes.Buffer
	m := image.NewGray(image.Rect(0, 0, 4, 4))
	m.Set(1, 1, color.Gray{grey})
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAddedFilesAreStoredOnceAndReplaceNone(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "akin")
	o := akin.Options{Home: akin.Home(home)}
	shop := filepath.Join(home, "pictures", "shop")
	long := strings.Repeat("a", 247)
	for _, x := range []struct {
		path         string
		grey         uint8
		file, folder string
		known        bool
	}{
		{"Holidays/sea/beach.png", 1, "Holidays/sea/beach.png", "Holidays", false},
		{"Holidays/sea/beach.png", 1, "Holidays/sea/beach.png", "Holidays", true},
		{"Holidays/sea/beach.png", 2, "Holidays/sea/beach (2).png", "Holidays", false},
		{"Holidays/sea/beach.png", 2, "Holidays/sea/beach (2).png", "Holidays", true},
		{"لوحة 1.png", 3, "لوحة 1.png", "", false},
		{long + "aaaa.png", 1, long + "aaaa.png", "", false},
		{long + "aaaa.png", 2, long + " (2).png", "", false},
		{long + "aaaa.png", 2, long + " (2).png", "", true},
	} {
		got, err := akin.AddFile(t.Context(), "shop", x.path, pngOf(t, x.grey), o)
		if err != nil || got.Path != filepath.Join(shop, filepath.FromSlash(x.file)) || got.Folder != filepath.Join(shop, x.folder) || got.Known != x.known {
			t.Errorf("%s: %+v, %v", x.path, got, err)
		}
		if data, err := os.ReadFile(got.Path); err != nil || !bytes.Equal(data, pngOf(t, x.grey)) {
			t.Errorf("%s: %v", x.path, err)
		}
	}
	if info, err := os.Stat(home); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestNoFileIsAddedElsewhere(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	o := akin.Options{Home: akin.Home(home)}
	good := pngOf(t, 9)
	for _, path := range []string{
		"", "/a.png", "../a.png", "a/../../b.png", "a//b.png", "./a.png", "a/.hidden/b.png", ".a.png", `a\b.png`, "c:a.png", "a\x00.png", "a\n.png",
		"a.txt", "a", "a./b.png", "a /b.png", strings.Repeat("a", 260) + ".png", strings.Repeat("a/", 40) + "b.png", "akin.db",
		"a/@eaDir/b.png", "__MACOSX/b.png", // an index would leave them out
	} {
		if _, err := akin.AddFile(t.Context(), "shop", path, good, o); !errors.Is(err, akin.ErrInvalid) {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, err := akin.AddFile(t.Context(), "../shop", "a.png", good, o); !errors.Is(err, akin.ErrNoCollection) {
		t.Error(err)
	}
	if _, err := akin.AddFile(t.Context(), "shop", "a.png", []byte("#!/bin/sh"), o); !errors.Is(err, akin.ErrNotAPicture) {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(home, "pictures")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was refused has left something: %v", err)
	}

	// A link in the place of a folder leads nowhere.
	elsewhere := t.TempDir()
	pictures := filepath.Join(home, "pictures", "shop")
	if err := os.MkdirAll(pictures, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(pictures, "out")); err != nil {
		t.Skip(err)
	}
	_, err := akin.AddFile(t.Context(), "shop", "out/a.png", good, o)
	if left, _ := os.ReadDir(elsewhere); !errors.Is(err, akin.ErrInvalid) || len(left) > 0 {
		t.Errorf("%v, %v", err, left)
	}

	// Neither does a file.
	if _, err := akin.AddFile(t.Context(), "shop", "a.png", good, o); err != nil {
		t.Fatal(err)
	}
	if _, err := akin.AddFile(t.Context(), "shop", "a.png/b.png", good, o); !errors.Is(err, akin.ErrInvalid) {
		t.Error(err)
	}
}
