package transfer

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store/local"
	"golang.org/x/text/unicode/norm"
)

// matcher finds pictures by the paths and names that other programs have for them.
type matcher struct {
	s       *local.Snapshot
	folders []string         // that relative paths may be relative to
	common  string           // the folder that all names have in common, with a slash, or ""
	sources map[string]int   // path or address → picture
	files   map[string][]int // file name → pictures
}

// newMatcher returns a matcher for the pictures of a snapshot, and all names that it will be asked for.
func newMatcher(s *local.Snapshot, names []string, folders ...string) *matcher {
	return &matcher{s: s, folders: folders, common: namesFolder(names)}
}

// index indexes the pictures by their files.
func (m *matcher) index() {
	if m.sources != nil {
		return
	}
	m.sources, m.files = make(map[string]int, m.s.Pictures.Len()), map[string][]int{}
	for i, p := range m.s.Pictures.All() {
		source := strings.TrimPrefix(p.Source, record.ImportedSource(""))
		m.sources[source] = i
		base := path.Base(plainPath(source))
		m.files[base] = append(m.files[base], i)
	}
}

// plainPath returns a path or an address in the form that is compared: with slashes, in NFC, and without the
// query of an address.
func plainPath(s string) string {
	if source.IsAddress(s) {
		if u, err := url.Parse(s); err == nil {
			s = u.Host + u.Path
		}
	} else {
		s = strings.ReplaceAll(s, `\`, "/")
	}
	return norm.NFC.String(s)
}

// namesFolder returns the folder that all names with a folder have in common, with a slash.
func namesFolder(names []string) string {
	common, any := "", false
	for _, n := range names {
		n = plainPath(n)
		folder := n[:strings.LastIndexByte(n, '/')+1]
		if folder == "" {
			continue
		}
		if !any {
			common, any = folder, true
		}
		for !strings.HasPrefix(folder, common) {
			common = common[:strings.LastIndexByte(strings.TrimSuffix(common, "/"), '/')+1]
		}
	}
	return common
}

// errSeveral reports that a name matches several pictures.
var errSeveral = errors.New("it can be of several pictures")

// find returns the picture of a row: by its path, if it has one, or else by its name; -1 is none. It counts in by what
// matched.
func (m *matcher) find(name, at string, by *api.Matches) (int, error) {
	for _, s := range []string{at, name} {
		if s == "" {
			continue
		}
		if i, ok := m.byPath(s); ok {
			by.Path++
			return i, nil
		}
	}
	p, err := m.s.Lookup(name)
	exact := err == nil && p.Name == name
	if !exact {
		var several error
		for _, s := range []string{at, name} {
			i, err := m.byFile(s)
			if err == nil && i >= 0 {
				by.File++
				return i, nil
			}
			if err != nil && s == name {
				several = err
			}
		}
		if several != nil {
			return -1, several
		}
	}
	if errors.Is(err, record.ErrNotIndexed) {
		// A picture without a file may have been imported under the name that its file would have.
		base := path.Base(plainPath(name))
		if stem := strings.TrimSuffix(base, path.Ext(base)); stem != "" && stem != name {
			if p, err := m.s.Lookup(stem); err == nil && record.IsImported(p.Source) {
				by.Name++
				i, _ := m.s.Pictures.Index(p.ID)
				return i, nil
			}
		}
		return -1, nil
	}
	if err != nil {
		return -1, fmt.Errorf("%w: %w", errSeveral, err)
	}
	by.Name++
	i, _ := m.s.Pictures.Index(p.ID)
	return i, nil
}

// byPath finds the picture of a path or an address. A path may be relative to the file of embeddings, or to
// the working directory.
func (m *matcher) byPath(s string) (int, bool) {
	if !strings.ContainsAny(s, `/\.`) {
		return 0, false
	}
	m.index()
	if i, ok := m.sources[s]; ok {
		return i, true
	}
	if source.IsAddress(s) {
		return 0, false
	}
	if filepath.IsAbs(s) {
		i, ok := m.sources[filepath.Clean(s)]
		return i, ok
	}
	for _, folder := range m.folders {
		if i, ok := m.sources[filepath.Join(folder, filepath.FromSlash(s))]; ok {
			return i, true
		}
	}
	return 0, false
}

// byFile finds the picture whose path ends with a name, from the folder on that all names have in common. So
// pictures that were moved, or embedded on another machine, are found, and a/1.jpg never matches b/1.jpg.
func (m *matcher) byFile(s string) (int, error) {
	full := plainPath(s)
	own := strings.TrimPrefix(full, m.common)
	base := path.Base(own)
	if s == "" || !strings.ContainsAny(s, `/\.`) || base == "." || base == "/" {
		return -1, nil
	}
	m.index()
	var found []int
	best := 0
	for _, i := range m.files[base] {
		source := plainPath(strings.TrimPrefix(m.s.Pictures.At(i).Source, record.ImportedSource("")))
		if source != own && !strings.HasSuffix(source, "/"+strings.TrimPrefix(own, "/")) {
			continue
		}
		switch n := sameEnd(source, full); {
		case n > best:
			found, best = []int{i}, n
		case n == best:
			found = append(found, i)
		}
	}
	switch len(found) {
	case 0:
		return -1, nil
	case 1:
		return found[0], nil
	}
	return -1, fmt.Errorf("%w: %s and %s; write its path", errSeveral, m.s.Pictures.At(found[0]).Source, m.s.Pictures.At(found[1]).Source)
}

// sameEnd counts the trailing elements that two paths have in common.
func sameEnd(a, b string) (n int) {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	for n < min(len(as), len(bs)) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	return n
}
