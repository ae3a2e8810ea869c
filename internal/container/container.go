// Package container looks into files that hold pictures, such as archives: it lists what is inside, and reads one
// picture after another without unpacking any to disk.
//
// A member's source is the path of its container, and behind it the member's name, as if the container were a folder:
// /photos/trip.zip/day 1/beach.jpg.
package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Member is a picture, or whatever else lies inside a container.
type Member struct {
	// Name is the member's path inside, with slashes: clean, local, in UTF-8, and of no other member.
	Name string
	// Size is the number of bytes that Read returns; 0 where only reading tells.
	Size int64
	// ModTime is when the member was written. It differs whenever the member's bytes may: its nanoseconds are a
	// checksum, because dates inside of archives are coarse, and often all the same. See stamp.
	ModTime time.Time
	// Title is the name that the picture is to have, "" for that of its file.
	Title string
	// Tags are words that the container has of the picture.
	Tags []string
	// Aside says that the member is no picture, but says something of one: its title, or its tags.
	Aside bool
	// At is the container's own: where the member begins, the number of a frame or a page.
	At int64
}

// A Container is an open file, and what it holds. It is safe for concurrent use.
//
// An implementation believes nothing that its file says: it lists at most maxMembers, and its memory is bounded by that
// and by the limits of Read, whatever sizes the file claims.
type Container interface {
	// Members are those that can be named, in the order in which reading one after another is fastest.
	Members() []Member
	// Find finds a member by its name. Members that exist without being listed, such as a frame of a film between two
	// that were chosen, are found as well.
	Find(name string) (Member, bool)
	// Flaws are what could not be listed: a member whose name leads out of the container, an end that is cut off.
	Flaws() []error
	// Read returns a member's bytes, as those of a file: an encoded picture. More than limit are ErrTooLong. The error says what is
	// wrong with the member, without its path.
	Read(ctx context.Context, m Member, limit int64) ([]byte, error)
	// Close closes the file. No other method is called afterwards.
	Close() error
}

// Sequential is a container whose members are reached by reading all before them: only in their order they are read quickly.
type Sequential interface {
	Container
	sequential()
}

// A Kind is a format of containers.
type Kind struct {
	Name    string   // "zip", for messages
	Endings []string // of file names, in lower case: ".zip"
	// Sampled is what its members are, where there are more than anyone wants: Frames or Pages. Its containers are [Sampled].
	Sampled string
	// Still says that a file of this kind is a picture itself, of which its members are more.
	Still bool
	// Open reads the list of members. It takes the file over: f is the container's to close, and where Open fails, Open
	// closes it. The error says what is wrong with the file, without its path.
	Open func(ctx context.Context, f *os.File) (Container, error)
}

// kinds are all formats. Where several endings fit, as .tar.gz and .gz, the longest counts.
var kinds = []*Kind{&zipKind, &tarKind, &parquetKind, &arrowKind, &filmKind, &documentKind, &animationKind}

var (
	// ErrTooLong marks a member of more bytes than are read.
	ErrTooLong = errors.New("it is too long")
	// ErrFile marks a container that is damaged, hostile, or not of its format.
	ErrFile = errors.New("it cannot be read")
)

// maxMembers of a container are listed; one of more is refused.
const maxMembers = 1 << 20

// KindOf returns the kind that a file's name says, nil for none, and for a picture. A backup of one, a.zip~, is none.
func KindOf(name string) *Kind {
	if k := kindOf(filepath.Base(name)); k != nil && !k.Still {
		return k
	}
	return nil
}

// MayMove reports whether a picture's file may have further frames, by its name.
func MayMove(name string) bool {
	k := kindOf(filepath.Base(name))
	return k != nil && k.Still
}

// kindOf is the kind of a name without folders, be it that of a picture. Every element of every path is asked about: most have no dot.
func kindOf(name string) (best *Kind) {
	if strings.LastIndexByte(name, '.') <= 0 {
		return nil
	}
	length := 0
	for _, k := range kinds {
		for _, ending := range k.Endings {
			if n := len(name) - len(ending); len(ending) > length && n > 0 && strings.EqualFold(name[n:], ending) {
				best, length = k, len(ending)
			}
		}
	}
	return best
}

// Split returns the ways in which a path can be that of a member, the shortest container first. Only names are looked at:
// which of them is a file, and which a folder that is called as one, the disk tells.
func Split(path string) (files, members []string) {
	start := 0 // of the element that ends at i
	for i := range len(path) {
		if !os.IsPathSeparator(path[i]) {
			continue
		}
		kind := kindOf(path[start:i])
		if start = i + 1; kind == nil {
			continue
		}
		if member := filepath.ToSlash(path[i+1:]); member != "" {
			files, members = append(files, path[:i]), append(members, member)
		}
	}
	return files, members
}

// Join returns the source of a member.
func Join(file, member string) string {
	return file + string(filepath.Separator) + filepath.FromSlash(member)
}

// longestName is what systems take as a path.
const longestName = 4096

// cleanName makes a member's name of what an archive calls it. Names lead to no file, but the paths made of them would
// if they had .. in them. Older programs on Windows write backslashes.
func cleanName(raw string) (string, error) {
	name := raw
	if runtime.GOOS == "windows" || !strings.Contains(name, "/") {
		name = strings.ReplaceAll(name, `\`, "/")
	}
	elements := slices.DeleteFunc(strings.Split(name, "/"), func(e string) bool { return e == "" || e == "." })
	switch name = strings.Join(elements, "/"); {
	case slices.Contains(elements, ".."):
		return "", fmt.Errorf("%.80q: its name leads out of the archive", raw)
	case strings.ContainsRune(name, 0):
		return "", fmt.Errorf("%.80q: a name with a zero byte is none", raw)
	case name == "" || len(name) > longestName:
		return "", fmt.Errorf("%.80q: a name of %d bytes is none", raw, len(name))
	}
	return name, nil
}

// stamp is a member's date, and in its nanoseconds a sum over what can change: the member's checksum, or the state of
// its container's file.
func stamp(t time.Time, sum uint32) time.Time { return time.Unix(t.Unix(), int64(sum%1e9)) }

// list is the members of a container under their names. Of several that have one name, the last counts, as for the
// programs that append to archives.
type list struct {
	members []Member
	flaws   []error
	of      map[string]int
}

// add adds a member. It is false where there are more than are listed.
func (l *list) add(m Member) bool {
	if l.of == nil {
		l.of = map[string]int{}
	}
	if i, ok := l.of[m.Name]; ok {
		l.members[i].Name = "" // seal drops it
		l.flaw(fmt.Errorf("%.80q: it is there twice, and the later one counts", m.Name))
	}
	l.of[m.Name] = len(l.members)
	l.members = append(l.members, m)
	return len(l.members) <= maxMembers
}

// maxFlaws are told of one container.
const maxFlaws = 100

func (l *list) flaw(err error) {
	if len(l.flaws) < maxFlaws {
		l.flaws = append(l.flaws, err)
	}
}

// seal ends the list.
func (l *list) seal() {
	l.members = slices.DeleteFunc(l.members, func(m Member) bool { return m.Name == "" })
	for i, m := range l.members {
		l.of[m.Name] = i
	}
}

// Members, Find and Flaws are those of Container.
func (l *list) Members() []Member { return l.members }
func (l *list) Flaws() []error    { return l.flaws }
func (l *list) Find(name string) (Member, bool) {
	i, ok := l.of[name]
	if !ok {
		return Member{}, false
	}
	return l.members[i], true
}

func tooMany() error { return fmt.Errorf("%w: it has more than %d members", ErrFile, maxMembers) }
