package picture

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// exiftoolSays is what exiftool reads of a file (testdata/metadata/make.sh), as Metadata.
func exiftoolSays(t *testing.T, tags map[string]any) (m Metadata) {
	t.Helper()
	text := func(names ...string) string {
		for _, n := range names {
			if v, ok := tags[n]; ok {
				return fmt.Sprint(v)
			}
		}
		return ""
	}
	m.Camera = cameraName(text("IFD0:Make", "XMP-tiff:Make"), text("IFD0:Model", "XMP-tiff:Model"))
	m.Lens = text("ExifIFD:LensModel", "XMP-aux:Lens")
	m.Label, m.Title = text("XMP-xmp:Label"), text("XMP-dc:Title", "IPTC:ObjectName", "PNG:Title")
	m.Caption = text("XMP-dc:Description", "IPTC:Caption-Abstract", "IFD0:ImageDescription", "PNG:Description")
	if r, ok := tags["XMP-xmp:Rating"].(float64); ok {
		m.Rating = int(r)
	}
	if lat, ok := tags["Composite:GPSLatitude"].(float64); ok {
		m.Position = Position{lat, tags["Composite:GPSLongitude"].(float64), true}
	} else if lat, ok := tags["XMP-exif:GPSLatitude"].(float64); ok {
		m.Position = Position{lat, tags["XMP-exif:GPSLongitude"].(float64), true}
	}
	for _, name := range []string{"XMP-dc:Subject", "IPTC:Keywords"} {
		if list, ok := tags[name].([]any); ok {
			for _, k := range list {
				m.Keywords = append(m.Keywords, fmt.Sprint(k))
			}
		}
	}
	return m
}

func TestMetadataIsWhatExiftoolReads(t *testing.T) {
	t.Parallel()
	t.Run("blocks", func(t *testing.T) { testMetadata(t, filepath.Join("testdata", "metadata"), 9) })
	t.Run("texts of PNG", func(t *testing.T) { testMetadata(t, filepath.Join("testdata", "pngtexts"), 4) })
}

func testMetadata(t *testing.T, dir string, n int) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var files []map[string]any
	if err := json.Unmarshal(data, &files); err != nil || len(files) != n {
		t.Fatal(len(files), err)
	}
	for _, tags := range files {
		name := filepath.Base(tags["SourceFile"].(string))
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got, want := ReadMetadata(data), exiftoolSays(t, tags)
		if p := got.Position; p.Known && want.Position.Known {
			if math.Abs(p.Latitude-want.Position.Latitude) > 1e-6 || math.Abs(p.Longitude-want.Position.Longitude) > 1e-6 {
				t.Errorf("%s: %v, want %v", name, p, want.Position)
			}
			got.Position = want.Position // to a fraction of an arc second
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v", name, got, want)
		}
	}
}

func TestASidecarTellsWhatPeopleSay(t *testing.T) {
	t.Parallel()
	packet, err := os.ReadFile(filepath.Join("testdata", "metadata", "xmp.xmp"))
	if err != nil {
		t.Fatal(err)
	}
	got := ReadSidecar(packet, Metadata{Camera: "Canon", Rating: 1, Title: "kept", Caption: "old", Keywords: []string{"in it", "side"}})
	want := Metadata{Camera: "Canon", Rating: 3, Label: "Red", Title: "kept", Caption: "from a sidecar", Keywords: []string{"side", "in it"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

// xmpOf is a packet with some properties as elements of the picture's description.
func xmpOf(properties string) []byte {
	return []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="` + nsRDF + `" xmlns:dc="` + nsDC + `" xmlns:xmp="` + nsXMP + `"><rdf:Description>` +
		properties + `</rdf:Description></rdf:RDF></x:xmpmeta>`)
}

func TestHostileMetadata(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		packet []byte
		want   Metadata
	}{
		"an entity that grows":  {[]byte(`<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + string(xmpOf(`<xmp:Label>&b;</xmp:Label>`))), Metadata{Label: "&b;"}},
		"depth":                 {xmpOf(strings.Repeat("<a>", 10_000)), Metadata{}},
		"no end":                {xmpOf(`<xmp:Label>Red</xmp:Label><a>`)[:255], Metadata{Label: "Red"}},
		"a rating of 9":         {xmpOf(`<xmp:Rating>9</xmp:Rating>`), Metadata{}},
		"a rating that is none": {xmpOf(`<xmp:Rating>NaN</xmp:Rating>`), Metadata{}},
		"control sequences":     {xmpOf("<xmp:Label>a\x7f\u009b2Jb</xmp:Label>"), Metadata{Label: "a2Jb"}},
		"of another picture":    {xmpOf(`<xmp:Thumbnails><rdf:Alt><rdf:li><rdf:Description><xmp:Label>x</xmp:Label></rdf:Description></rdf:li></rdf:Alt></xmp:Thumbnails>`), Metadata{}},
		"many keywords":         {xmpOf(`<dc:subject><rdf:Bag>` + strings.Repeat(`<rdf:li>same</rdf:li>`, 9000) + `</rdf:Bag></dc:subject>`), Metadata{Keywords: []string{"same"}}},
	} {
		if got := readXMP(c.packet); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := readXMP(xmpOf(`<xmp:Label>` + strings.Repeat("é", 1<<19) + `</xmp:Label>`)); len(got.Label) > metadataText {
		t.Errorf("a label of %d bytes", len(got.Label))
	}
}

func FuzzMetadata(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "metadata", "*.*"))
	if err != nil || len(files) < 10 {
		f.Fatal(files, err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, m := range []Metadata{ReadMetadata(data), ReadSidecar(data, Metadata{}), readIPTC(data)} {
			if p := m.Position; p.Known && (!(math.Abs(p.Latitude) <= 90) || !(math.Abs(p.Longitude) <= 180)) {
				t.Errorf("%+v", p)
			}
			if m.Rating < -1 || m.Rating > 5 || len(m.Keywords) > metadataKeywords || len(m.Caption) > 2*metadataText {
				t.Errorf("%+v", m)
			}
		}
	})
}

// Degrees and minutes, with a fraction or with seconds, and a letter (XMP specification, part 2, GPSCoordinate).
func TestPositionsInXMP(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		latitude, longitude string
		want                Position
	}{
		{"48,51.5N", "2,17,42E", Position{48 + 51.5/60, 2 + 17./60 + 42./3600, true}},
		{"33,51.408S", "151,12.918E", Position{-(33 + 51.408/60), 151 + 12.918/60, true}},
		{"0,0N", "0,0E", Position{}},
		{"0,0N", "1,0W", Position{0, -1, true}},
		{"90,1N", "0,0E", Position{}},
		{"48,51.5", "2,17E", Position{}},
		{"-48,51.5N", "2,17E", Position{}},
		{"NaN,1N", "2,17E", Position{}},
		{"1,2,3,4N", "2,17E", Position{}},
		{"48,51.5N", "", Position{}},
	} {
		got := xmpPosition(x.latitude, x.longitude)
		if math.Abs(got.Latitude-x.want.Latitude) > 1e-9 || math.Abs(got.Longitude-x.want.Longitude) > 1e-9 || got.Known != x.want.Known {
			t.Errorf("%q, %q: %+v, want %+v", x.latitude, x.longitude, got, x.want)
		}
	}
}
