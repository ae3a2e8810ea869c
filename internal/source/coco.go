package source

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// findFolder finds the folder that the file names of a COCO list are relative to, which it does not tell: its own, as
// Roboflow writes it, or one beside it, as val2017 is beside annotations/instances_val2017.json, data beside labels.json
// in what FiftyOne exports. It counts where the files are.
func (l *list) findFolder(head []listRow) error {
	if len(head) < 2 {
		return nil
	}
	column := slices.Index(head[0].fields, "file_name")
	if said := l.o.Columns["path"]; column < 0 || said != "" && said != "file_name" {
		return nil
	}
	own := filepath.Dir(l.path)
	above := filepath.Dir(own)
	stem := strings.TrimSuffix(filepath.Base(l.path), filepath.Ext(l.path))
	split := stem[strings.LastIndexByte(stem, '_')+1:]
	var found []string
	for _, folder := range []string{
		own, filepath.Join(own, "images"), filepath.Join(own, "data"), filepath.Join(own, split),
		filepath.Join(above, split), filepath.Join(above, "images"), filepath.Join(above, "images", split), filepath.Join(above, "data"),
	} {
		if slices.Contains(found, folder) || !l.holds(folder, head[1:], column) {
			continue
		}
		if folder == own {
			return nil
		}
		found = append(found, folder)
	}
	switch len(found) {
	case 0: // each row tells so
	case 1:
		l.folder = found[0]
	default:
		return fmt.Errorf("its files are in %s and in %s: move the list into the folder that is meant", found[0], found[1])
	}
	return nil
}

// holds reports whether any of the first files lies in a folder.
func (l *list) holds(folder string, rows []listRow, column int) bool {
	for _, r := range rows[:min(len(rows), listFiles)] {
		name := field(r.fields, column)
		if name == "" || filepath.IsAbs(name) || !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		path := filepath.Join(folder, filepath.FromSlash(name))
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && l.o.fence.check(Item{Source: path}) == nil {
			return true
		}
	}
	return false
}
