package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The titles that columns have in the lists of others, without case, blanks and marks
// between words, those first that say it most clearly: Hugging Face's imagefolder (file_name,
// text, label), Kaggle's and torchvision's lists (image_path, filepath, class), exports of
// shops and wikis.
var (
	pathTitles = strings.Fields(`filename filepath imagepath imgpath picturepath photopath imagefile imgfile imagefilename imgfilename
		path fullpath abspath absolutepath localpath relativepath relpath file files pathorurl imageurl imgurl pictureurl photourl fileurl
		image img picture photo pic flagimage imagename imgname src imagesrc imgsrc source url uri link href address location`)
	nameTitles  = strings.Fields(`name names picturename title country caption text description alt label class classname id imageid imgid key uid uuid`)
	groupTitles = strings.Fields(`group groups groupid label labels class classname category cluster species kind identity person pid`)
	tagTitles   = strings.Fields(`tags tag keywords`)
)

// Role is what a column is for.
type Role string

// The roles that columns have.
const (
	Path   Role = "path"   // of a picture's file, or its address
	Name   Role = "name"   // what it is called
	Group  Role = "group"  // what it belongs to
	Tags   Role = "tags"   // its tags
	Values Role = "values" // the numbers of its embedding
)

var titles = map[Role][]string{Path: pathTitles, Name: nameTitles, Group: groupTitles, Tags: tagTitles}

// Plainly is a title without case and what divides its words.
func Plainly(title string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-.\t\u00a0", r) {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(title)))
}

// Rank is how clearly a title says that a column has a role: from 0, which is most; -1
// where it does not.
func Rank(role Role, title string) int { return slices.Index(titles[role], Plainly(title)) }

// Known says that a title is one that columns of some role have.
func Known(title string) bool {
	for role := range titles {
		if Rank(role, title) >= 0 {
			return true
		}
	}
	return false
}

func anyKnown(row []string) bool { return slices.ContainsFunc(row, Known) }

// Columns say which column has a role, by its title or its number from 1. They are what
// people say where a list does not tell.
type Columns map[Role]string

// ParseColumns reads path=COL,name=COL.
func ParseColumns(text string, roles ...Role) (Columns, error) {
	c := Columns{}
	for part := range strings.SplitSeq(text, ",") {
		role, column, ok := strings.Cut(part, "=")
		role, column = strings.TrimSpace(role), strings.TrimSpace(column)
		if !ok || column == "" || !slices.Contains(roles, Role(role)) {
			var forms []string
			for _, r := range roles {
				forms = append(forms, string(r)+"=COLUMN")
			}
			return nil, fmt.Errorf("%q: want %s, a column's title or its number from 1", part, strings.Join(forms, " or "))
		}
		if c[Role(role)] != "" {
			return nil, fmt.Errorf("%s is said twice", role)
		}
		c[Role(role)] = column
	}
	return c, nil
}

// Find returns the place of the column that was said to have a role: -1 where none was. byTitle says
// that it was its title, so that the first row is one of titles.
func (c Columns) Find(role Role, first []string) (at int, byTitle bool, err error) {
	said := c[role]
	if said == "" {
		return -1, false, nil
	}
	for _, same := range []func(string) bool{
		func(t string) bool { return strings.TrimSpace(t) == said },
		func(t string) bool { return Plainly(t) == Plainly(said) },
	} {
		if i := slices.IndexFunc(first, same); i >= 0 {
			return i, true, nil
		}
	}
	if n, err := strconv.Atoi(said); err == nil && n >= 1 && n <= len(first) {
		return n - 1, false, nil
	}
	return -1, false, fmt.Errorf("it has no column %s, only %s", said, List(first))
}

// Understood is how a text's columns were taken: their titles, or numbers from 1 where it has
// none.
type Understood struct {
	File      string `json:"file"`
	Encoding  string `json:"encoding,omitempty"`  // where it is not UTF-8
	Separator string `json:"separator,omitempty"` // ",", ";", "tab" or "|"
	Path      string `json:"path,omitempty"`      // the column of paths or addresses
	Name      string `json:"name,omitempty"`      // of names
	Tags      string `json:"tags,omitempty"`      // of tags
	Values    string `json:"values,omitempty"`    // of numbers: one, or "the first to the last"
}

// Describe begins to tell how a text was understood.
func (t *Reader) Describe(file string) Understood {
	u := Understood{File: file}
	if t.Encoding != UTF8 {
		u.Encoding = string(t.Encoding)
	}
	switch t.Separator {
	case None:
	case '\t':
		u.Separator = "tab"
	default:
		u.Separator = string(t.Separator)
	}
	return u
}

// Told says that there is something worth telling.
func (u Understood) Told() bool {
	return u.Path != "" || u.Name != "" || u.Tags != "" || u.Values != "" || u.Encoding != ""
}

// String tells it in words, without the file.
func (u Understood) String() string {
	var parts []string
	for _, p := range []struct{ what, column string }{{"paths", u.Path}, {"names", u.Name}, {"tags", u.Tags}, {"values", u.Values}} {
		if p.column != "" {
			parts = append(parts, p.what+" from column "+p.column)
		}
	}
	if u.Separator != "" && u.Separator != "," {
		parts = append(parts, map[string]string{";": "semicolons", "tab": "tabs", "|": "bars"}[u.Separator]+" between columns")
	}
	if u.Encoding != "" {
		parts = append(parts, u.Encoding)
	}
	return strings.Join(parts, ", ")
}

// Title is how a column is told: by its title, or its number where there is none.
func Title(header []string, at int) string {
	if at < 0 {
		return ""
	}
	if at < len(header) && strings.TrimSpace(header[at]) != "" {
		return short(header[at])
	}
	return strconv.Itoa(at + 1)
}

// List names columns: "a, b and c".
func List(columns []string) string {
	var names []string
	for i, c := range columns {
		if i == 12 {
			names = append(names, fmt.Sprintf("%d more", len(columns)-i))
			break
		}
		if c = short(c); c == "" {
			c = strconv.Itoa(i + 1)
		}
		names = append(names, c)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// short is a title that fits into a message.
func short(title string) string {
	title = strings.Join(strings.Fields(title), " ")
	if r := []rune(title); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return title
}
