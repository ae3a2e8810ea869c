package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/akin-search/akin/api"
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

// The roles that columns have.
const (
	Path   = api.PathColumn
	Name   = api.NameColumn
	Group  = api.GroupColumn
	Tags   = api.TagsColumn
	Values = api.ValuesColumn
)

var titles = map[api.ColumnRole][]string{Path: pathTitles, Name: nameTitles, Group: groupTitles, Tags: tagTitles}

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
func Rank(role api.ColumnRole, title string) int { return slices.Index(titles[role], Plainly(title)) }

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

// Find returns the place of the column that c says has a role, -1 where it says none. byTitle reports
// that c names it by its title, so that the first row is one of titles.
func Find(c api.Columns, role api.ColumnRole, first []string) (at int, byTitle bool, err error) {
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

// Describe returns the encoding and the separator that a text was read with.
func (t *Reader) Describe(file string) api.Understood {
	u := api.Understood{File: file}
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
