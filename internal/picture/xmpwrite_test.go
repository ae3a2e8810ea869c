package picture

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const rdfAround = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">%</rdf:RDF></x:xmpmeta>`

func TestKeywordsAreAddedToASidecar(t *testing.T) {
	t.Parallel()
	around := func(text string) string { return strings.Replace(rdfAround, "%", text, 1) }
	for _, x := range []struct{ why, packet, want string }{
		{
			"into a list", around(`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag><rdf:li>a</rdf:li> </rdf:Bag></dc:subject></rdf:Description>`),
			around(`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag><rdf:li>a</rdf:li> <rdf:li>b &amp; &lt;c&gt;</rdf:li></rdf:Bag></dc:subject></rdf:Description>`),
		},
		{
			"into an empty list", around(`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag /></dc:subject></rdf:Description>`),
			around(`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag ><rdf:li>a</rdf:li><rdf:li>b &amp; &lt;c&gt;</rdf:li></rdf:Bag></dc:subject></rdf:Description>`),
		},
		{
			"where there is no list", around(`<rdf:Description rdf:about='' xmp:Rating="3" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><!-- kept --></rdf:Description><rdf:Description/>`),
			around(`<rdf:Description rdf:about='' xmp:Rating="3" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><!-- kept --><dc:subject xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Bag><rdf:li>a</rdf:li><rdf:li>b &amp; &lt;c&gt;</rdf:li></rdf:Bag></dc:subject></rdf:Description><rdf:Description/>`),
		},
		{
			"the list of a second description counts", around(`<rdf:Description/><rdf:Description xmlns:d="http://purl.org/dc/elements/1.1/"><d:subject><rdf:Bag></rdf:Bag></d:subject></rdf:Description>`),
			around(`<rdf:Description/><rdf:Description xmlns:d="http://purl.org/dc/elements/1.1/"><d:subject><rdf:Bag><rdf:li>a</rdf:li><rdf:li>b &amp; &lt;c&gt;</rdf:li></rdf:Bag></d:subject></rdf:Description>`),
		},
		{
			"with another prefix", `<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description/></r:RDF>`,
			`<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description><dc:subject xmlns:dc="http://purl.org/dc/elements/1.1/"><r:Bag><r:li>a</r:li><r:li>b &amp; &lt;c&gt;</r:li></r:Bag></dc:subject></r:Description></r:RDF>`,
		},
		{
			"all are there", around(`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag><rdf:li>b &#38; &lt;c></rdf:li><rdf:li> a</rdf:li></rdf:Bag></dc:subject></rdf:Description>`),
			around(`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag><rdf:li>b &#38; &lt;c></rdf:li><rdf:li> a</rdf:li></rdf:Bag></dc:subject></rdf:Description>`),
		},
		{"no XMP", "hello", ""},
		{"nothing", "", ""},
		{"no description", around(""), ""},
		{"cut off", around(`<rdf:Description/>`)[:130], ""},
		{"UTF-16", "\xff\xfe<\x00x\x00/\x00>\x00", ""},
		{"a description in a property", around(`<rdf:Description xmlns:x="y"><x:z><rdf:Description/></x:z></rdf:Description>`), around(`<rdf:Description xmlns:x="y"><x:z><rdf:Description/></x:z><dc:subject xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Bag><rdf:li>a</rdf:li><rdf:li>b &amp; &lt;c&gt;</rdf:li></rdf:Bag></dc:subject></rdf:Description>`)},
	} {
		got, err := AddKeywords([]byte(x.packet), []string{"a", "b & <c>", "a", " "})
		if (err == nil) != (x.want != "") || string(got) != x.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", x.why, err, got, x.want)
		}
	}
}

// What is written is what exiftool reads, and what it wrote stays.
func TestExiftoolReadsTheKeywordsOfASidecar(t *testing.T) {
	t.Parallel()
	exiftool, err := exec.LookPath("exiftool")
	if err != nil {
		t.Skip("exiftool is not installed")
	}
	there, err := os.ReadFile(filepath.Join("testdata", "metadata", "xmp.xmp"))
	if err != nil {
		t.Fatal(err)
	}
	for why, x := range map[string]struct {
		packet []byte
		want   []string
	}{
		"a new one":  {nil, []string{"Subject: \u00e9t\u00e9|<b> & c"}},
		"exiftool's": {there, []string{"Subject: side|\u00e9t\u00e9|<b> & c", "Rating: 3", "Label: Red", "Description: from a sidecar"}},
	} {
		data, err := AddKeywords(x.packet, []string{"\u00e9t\u00e9", "<b> & c", "side"}[:2])
		if err != nil {
			t.Fatal(why, err)
		}
		path := filepath.Join(t.TempDir(), "a.xmp")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), exiftool, "-S", "-sep", "|", "-Subject", "-Rating", "-Label", "-Description", "-warning", path).Output()
		if lines := strings.Split(strings.TrimSpace(string(out)), "\n"); err != nil || !slices.Equal(lines, x.want) {
			t.Errorf("%s: %q, %v, want %q", why, lines, err, x.want)
		}
	}
}

func FuzzAddKeywords(f *testing.F) {
	f.Add([]byte(emptyXMP), "a")
	f.Add([]byte(rdfAround), "<")
	if there, err := os.ReadFile(filepath.Join("testdata", "metadata", "xmp.xmp")); err == nil {
		f.Add(there, "side")
	}
	f.Fuzz(func(t *testing.T, packet []byte, keyword string) {
		out, err := AddKeywords(packet, []string{keyword})
		if err != nil {
			return
		}
		if k := plainText([]byte(keyword)); k != "" && !slices.Contains(readXMP(out).Keywords, k) {
			t.Errorf("%q has no %q", out, k)
		}
	})
}
