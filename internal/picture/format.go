package picture

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Format is an image format. Each is registered by the file that decodes it, and everything that
// depends on the format is derived from there.
type Format struct {
	Name       string   // "jpeg", as in [Info]
	Title      string   // "JPEG", for people
	Extensions []string // of file names, lower case, with the dot, the usual one first
	MediaType  string   // "image/jpeg"
	Alpha      bool     // its pictures may have transparency
	// Lossless is a format that keeps the pixels as they were saved, Lossy one that does not, going
	// by what it is mostly used for. A format that is used for both is neither.
	Lossless, Lossy bool

	// matches reports whether a file that begins with head is of this format. No two formats may
	// match the same file.
	matches func(head []byte) bool
	inspect func(*source) (Info, error)
	// decode returns the pixels as stored; Decode turns them upright.
	decode func(*source, Info) (*Picture, error)
	// reduce returns the pixels as stored at a smaller size, of no less than width x height, where the file gives them
	// for less work than decode; nil where it does not. It may be nil.
	reduce func(src *source, info Info, width, height int) (*Picture, error)
	// cost is how many bytes a pixel the decoder allocates beside its result; nil means none.
	cost func(data []byte) int64
}

// byName is filled by the init functions of the files that decode.
var byName = map[string]*Format{}

func register(f Format) { byName[f.Name] = &f }

// Formats returns all formats, by name.
func Formats() []Format {
	all := make([]Format, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		all = append(all, *byName[name])
	}
	return all
}

// FormatOf returns the format of that name; ok is false, and the format empty, where there is none.
func FormatOf(name string) (f Format, ok bool) {
	if known, ok := byName[name]; ok {
		return *known, true
	}
	return Format{}, false
}

// IsExtension reports whether ext, as filepath.Ext returns it, is that of a format, in either case.
func IsExtension(ext string) bool {
	ext = strings.ToLower(ext)
	for _, f := range byName {
		if slices.Contains(f.Extensions, ext) {
			return true
		}
	}
	return false
}

// Sniff returns the name of a file's format by its first bytes, or "". A kilobyte is
// enough for all but SVG files with long comments.
func Sniff(head []byte) string {
	for _, f := range byName {
		if f.matches(head) {
			return f.Name
		}
	}
	return ""
}

// begins matches files that begin with one of the signatures.
func begins(signatures ...string) func([]byte) bool {
	return func(head []byte) bool {
		return slices.ContainsFunc(signatures, func(s string) bool { return bytes.HasPrefix(head, []byte(s)) })
	}
}

func bytesPerPixel(n int64) func([]byte) int64 { return func([]byte) int64 { return n } }

// unread are kinds of pictures that are not read, by their signatures, and what they are called.
var unread = []struct{ signature, name string }{
	{"FOVb", "a raw file (X3F)"},
	{"gimp xcf", "a GIMP file (XCF)"}, {"DDS ", "a texture (DDS)"}, {"#?RADIANCE", "Radiance HDR"}, {"AT&TFORM", "DjVu"},
	{"PF\n", "PFM"}, {"Pf\n", "PFM"},
	{"%!PS", "PostScript"}, {"\xc5\xd0\xd3\xc6", "PostScript (EPS)"},
}

// unreadName returns what a picture that is not read is called, or "".
func unreadName(data []byte) string {
	for _, k := range unread {
		if bytes.HasPrefix(data, []byte(k.signature)) {
			return k.name
		}
	}
	return ""
}

// Resembles reports whether a file that begins with head seems to be a picture, be it of a format that is not read.
func Resembles(head []byte) bool {
	return Sniff(head) != "" || unreadName(head) != "" || strings.HasPrefix(http.DetectContentType(head), "image/")
}

// resembles completes the error about a file of no known format with what it seems to be. It does
// not quote the file: who reads the error may not be allowed to read the file.
func resembles(data []byte) string {
	if name := unreadName(data); name != "" {
		return ": it seems to be " + name
	}
	kind, _, _ := strings.Cut(http.DetectContentType(data), ";")
	switch kind {
	case "application/octet-stream":
		return ""
	case "text/plain":
		kind = "text"
	}
	return ": it seems to be " + kind
}
