// Package labelled turns packages of pictures into labelled sets: pictures of the same thing by different
// artists, and a table of which belong together. What belongs together is derived from the packages: icons
// of one name, or emoji of one sequence of Unicode code points.
package labelled

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/akin-search/akin/internal/record"
)

// Set is a labelled set.
type Set struct {
	Name, About string
	Least       int // packages that a group must have a picture of
	Packages    []Package
}

// Package is a package that a set's pictures come from, pinned by version and hash.
type Package struct {
	Artist    string // as it appears in the names of pictures, GROUP.ARTIST
	Name      string
	Version   string
	Integrity string // SHA-512 of the archive in base64
	Bytes     int64  // of the archive
	Licence   string // of the pictures
	takes     rule
}

// String is the package as clients name it.
func (p Package) String() string { return p.Name + "@" + p.Version }

// rule says which pictures of a package belong to which group.
type rule struct {
	folder string         // of PNG files named after their code points; "" is icons.json, drawings by name
	points bool           // of icons.json, those that chars.json lists by code points
	names  *regexp.Regexp // what a name or code points must match; its first group, if any, is the group
	skip   *regexp.Regexp // of those, not these; or nil
}

// group returns the group of a picture, "" where it belongs to none.
func (r rule) group(name string) string {
	found := r.names.FindStringSubmatch(name)
	if found == nil || r.skip != nil && r.skip.MatchString(name) {
		return ""
	}
	group := name
	if len(found) > 1 {
		group = found[1]
	}
	if country := country(group); country != "" {
		group = country
	}
	if !plain.MatchString(group) {
		return ""
	}
	return group
}

// plain are groups that can be part of a file's name on every system.
var plain = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,99}$`)

// flag is the emoji of a country's flag: two letters in the alphabet of regional indicators.
var flag = regexp.MustCompile(`^1f1(?:e[6-9a-f]|f[0-9a-f])-1f1(?:e[6-9a-f]|f[0-9a-f])$`)

// country returns the two letters of a flag's code points, or "".
func country(points string) string {
	if !flag.MatchString(points) {
		return ""
	}
	var a, b rune
	if _, err := fmt.Sscanf(points, "%x-%x", &a, &b); err != nil {
		return ""
	}
	return string([]rune{a - 0x1f1e6 + 'a', b - 0x1f1e6 + 'a'})
}

// Bytes is the size of what must be downloaded.
func (s Set) Bytes() int64 {
	sum := int64(0)
	for _, p := range s.Packages {
		sum += p.Bytes
	}
	return sum
}

// Licences returns the licences of the pictures, each once.
func (s Set) Licences() []string {
	all := map[string]bool{}
	for _, p := range s.Packages {
		all[p.Licence] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// Find returns the set of that name. Errors: UnknownSetError.
func Find(name string) (Set, error) {
	var names []string
	for _, s := range Sets() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Set{}, &UnknownSetError{Name: name, Nearest: record.Closest(name, slices.Values(names)), Known: names}
}

// Folder is where a set is kept in the user's data folder.
func (s Set) Folder(data string) Folder { return Folder(filepath.Join(data, "sets", s.Name)) }

// Folder is the folder of a fetched set.
type Folder string

// Pictures is the folder of the set's pictures.
func (f Folder) Pictures() string { return filepath.Join(string(f), "pictures") }

// Labels is the table of names and groups.
func (f Folder) Labels() string { return filepath.Join(string(f), "labels.csv") }

// Notice is the file that names the packages and their licences.
func (f Folder) Notice() string { return filepath.Join(string(f), "LICENCES.txt") }

// Collection is the place of the collection of the set's pictures.
func (f Folder) Collection() string { return string(f) + ".akin" }
