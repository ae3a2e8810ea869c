package source

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// walkList reads a list: CSV rows of a name and a path or address, in any order
// when a header says which is which and may name a column of tags, with semicolons
// between them; or text lines of a path or address. Relative paths are relative to
// the list.
func walkList(ctx context.Context, path, ext string, o Options, fn func(Item) error) error {
	f, err := o.fence.open(path)
	if err != nil {
		return fmt.Errorf("read list: %w", err)
	}
	defer f.Close()
	in := bufio.NewReader(f)
	if bom, _ := in.Peek(3); string(bom) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	emit := func(row int, name, from, tags string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		it, err := listed(path, strings.TrimSpace(name), strings.TrimSpace(from))
		if err == nil {
			err = o.fence.check(it)
		}
		if err != nil {
			o.Problem(fmt.Sprintf("%s, row %d", path, row), err)
			return nil
		}
		for t := range strings.SplitSeq(tags, ";") {
			if t = strings.TrimSpace(t); t != "" {
				it.Tags = append(it.Tags, t)
			}
		}
		return fn(it)
	}
	if ext == ".txt" {
		return eachLine(path, in, func(row int, line string) error {
			if line == "" || strings.HasPrefix(line, "#") {
				return nil
			}
			return emit(row, "", line, "")
		})
	}
	c := csv.NewReader(in)
	c.FieldsPerRecord = -1
	c.LazyQuotes = true
	if ext == ".tsv" {
		c.Comma = '\t'
	}
	nameAt, fromAt, tagsAt := 0, 1, -1
	for row := 1; ; row++ {
		fields, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read list %s: row %d: %w", path, row, err)
		}
		if row == 1 {
			if n, f, t, ok := header(fields); ok {
				nameAt, fromAt, tagsAt = n, f, t
				continue
			}
		}
		if len(fields) == 1 && row == 1 {
			nameAt, fromAt = -1, 0
		}
		if fromAt >= len(fields) || strings.TrimSpace(fields[fromAt]) == "" {
			o.Problem(fmt.Sprintf("%s, row %d", path, row), errors.New("it names no path or address"))
			continue
		}
		field := func(at int) string {
			if at < 0 || at >= len(fields) {
				return ""
			}
			return fields[at]
		}
		if err := emit(row, field(nameAt), fields[fromAt], field(tagsAt)); err != nil {
			return err
		}
	}
}

// header finds the columns by what lists call them.
func header(fields []string) (name, from, tags int, ok bool) {
	name, from, tags = -1, -1, -1
	for i, f := range fields {
		switch strings.ToLower(strings.TrimSpace(f)) {
		case "name", "country", "title", "label", "id":
			if name < 0 {
				name = i
			}
		case "path", "file", "filename", "url", "address", "image", "flag image", "picture", "source", "path-or-url":
			if from < 0 {
				from = i
			}
		case "tags":
			if tags < 0 {
				tags = i
			}
		}
	}
	return name, from, tags, from >= 0
}

func listed(list, name, from string) (Item, error) {
	if strings.HasPrefix(from, "http://") || strings.HasPrefix(from, "https://") {
		return Item{Source: from, Name: name, Root: list, Address: true}, nil
	}
	if !filepath.IsAbs(from) {
		from = filepath.Join(filepath.Dir(list), from)
	}
	info, err := os.Stat(from)
	if err != nil {
		return Item{}, err
	}
	if !info.Mode().IsRegular() {
		return Item{}, fmt.Errorf("%s is no file", from)
	}
	return Item{Source: filepath.Clean(from), Name: name, Root: list, Size: info.Size(), ModTime: info.ModTime()}, nil
}

func eachLine(path string, in io.Reader, f func(row int, line string) error) error {
	s := bufio.NewScanner(in)
	s.Buffer(make([]byte, 4096), 1<<20)
	row := 1
	for ; s.Scan(); row++ {
		if err := f(row, strings.TrimSpace(s.Text())); err != nil {
			return err
		}
	}
	if s.Err() != nil {
		return fmt.Errorf("read list %s: line %d: %w", path, row, s.Err())
	}
	return nil
}
