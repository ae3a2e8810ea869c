package labelled

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/akin-search/akin/api"
)

const lockPause = 200 * time.Millisecond

// Options of Fetch.
type Options struct {
	// Download downloads a package's archive into a folder and returns its path; nil is npm, as the user has
	// configured it.
	Download func(ctx context.Context, pkg, folder string) (string, error)
	Progress func(done, total int, pkg string) // or nil
}

// Fetch downloads a set's packages and lays the set out in the user's data folder: pictures, the table of
// labels, and the licences. The folder is there whole, or not at all.
func Fetch(ctx context.Context, s Set, data string, o Options) (api.LabelledReport, error) {
	f := s.Folder(data)
	if r, err := s.fetched(f); err == nil {
		r.Kept = true
		return r, nil
	}
	if o.Download == nil {
		o.Download = npmPack
	}
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o777); err != nil {
		return api.LabelledReport{}, err
	}
	lock := flock.New(string(f) + ".lock")
	if _, err := lock.TryLockContext(ctx, lockPause); err != nil {
		return api.LabelledReport{}, err
	}
	defer func() { _ = lock.Unlock() }()
	if r, err := s.fetched(f); err == nil { // by another process, meanwhile
		r.Kept = true
		return r, nil
	}
	work := string(f) + ".partial"
	if err := os.RemoveAll(work); err != nil { // of one that was killed
		return api.LabelledReport{}, err
	}
	if err := os.Mkdir(work, 0o777); err != nil {
		return api.LabelledReport{}, err
	}
	defer os.RemoveAll(work)
	var err error
	byPackage := make([][]artwork, len(s.Packages))
	for i, p := range s.Packages {
		if o.Progress != nil {
			o.Progress(i, len(s.Packages), p.Name)
		}
		if byPackage[i], err = p.download(ctx, work, o); err != nil {
			return api.LabelledReport{}, fmt.Errorf("fetch %s: %w", s.Name, err)
		}
	}
	to := Folder(filepath.Join(work, "set"))
	if err := s.write(to, byPackage); err != nil {
		return api.LabelledReport{}, fmt.Errorf("fetch %s: %w", s.Name, err)
	}
	if err := os.RemoveAll(string(f)); err != nil { // of other versions
		return api.LabelledReport{}, err
	}
	if err := os.Rename(string(to), string(f)); err != nil {
		return api.LabelledReport{}, err
	}
	return s.fetched(f)
}

// Fetched returns the folder of a set that was fetched. Errors: NotFetchedError.
func Fetched(s Set, data string) (Folder, error) {
	f := s.Folder(data)
	if _, err := s.fetched(f); err != nil {
		return "", &NotFetchedError{s}
	}
	return f, nil
}

// fetched reports what a folder has, if it is of these packages.
func (s Set) fetched(f Folder) (api.LabelledReport, error) {
	notice, err := os.ReadFile(f.Notice())
	if err != nil {
		return api.LabelledReport{}, err
	}
	if string(notice) != s.notice() {
		return api.LabelledReport{}, errors.New("it is of other packages")
	}
	table, err := os.Open(f.Labels())
	if err != nil {
		return api.LabelledReport{}, err
	}
	defer table.Close()
	rows, err := csv.NewReader(table).ReadAll()
	if err != nil || len(rows) < 2 {
		return api.LabelledReport{}, errors.Join(err, errors.New("it has no labels"))
	}
	r := api.LabelledReport{Set: s.Name, Folder: string(f), Pictures: len(rows) - 1}
	groups := map[string]bool{}
	for _, row := range rows[1:] {
		groups[row[1]] = true
	}
	r.Groups = len(groups)
	return r, nil
}

// download returns the pictures of a package, whose hash is checked before it is read.
func (p Package) download(ctx context.Context, work string, o Options) ([]artwork, error) {
	folder, err := os.MkdirTemp(work, "package-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file, err := o.Download(ctx, p.String(), folder)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	hash := sha512.New()
	if _, err := io.Copy(hash, f); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if base64.StdEncoding.EncodeToString(hash.Sum(nil)) != p.Integrity {
		return nil, &IntegrityError{p.String()}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	all, err := p.read(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", p, err)
	}
	return all, nil
}

// write lays out the groups that enough packages have.
func (s Set) write(f Folder, byPackage [][]artwork) error {
	count := map[string]int{}
	for _, all := range byPackage {
		for _, a := range all {
			count[a.group]++
		}
	}
	if err := os.MkdirAll(f.Pictures(), 0o777); err != nil {
		return err
	}
	rows := [][]string{}
	for i, all := range byPackage {
		for _, a := range all {
			if count[a.group] < s.Least {
				continue
			}
			name := a.group + "." + s.Packages[i].Artist
			if err := os.WriteFile(filepath.Join(f.Pictures(), name+a.ext), a.data, 0o666); err != nil {
				return err
			}
			rows = append(rows, []string{name, a.group})
		}
	}
	if len(rows) == 0 {
		return errors.New("the packages have no group in common")
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	var table strings.Builder
	w := csv.NewWriter(&table)
	if err := w.WriteAll(append([][]string{{"name", "group"}}, rows...)); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(f.Labels(), []byte(table.String()), 0o666), os.WriteFile(f.Notice(), []byte(s.notice()), 0o666))
}

// notice names the packages and the licences of their pictures.
func (s Set) notice() string {
	var text strings.Builder
	fmt.Fprintf(&text, "The pictures of this folder are unchanged drawings of these packages:\n\n")
	for _, p := range s.Packages {
		fmt.Fprintf(&text, "*.%s: %s, licence: %s\n", p.Artist, p, p.Licence)
	}
	fmt.Fprintf(&text, "\nCC-BY wants the artist to be named, CC-BY-SA that changed pictures have its licence, too.\n")
	return text.String()
}
