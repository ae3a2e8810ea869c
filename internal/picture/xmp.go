package picture

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"math"
	"strconv"
	"strings"
)

// Namespaces of XMP (ISO 16684-1) and of RDF.
const (
	nsRDF   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsXMP   = "http://ns.adobe.com/xap/1.0/"
	nsDC    = "http://purl.org/dc/elements/1.1/"
	nsTIFF  = "http://ns.adobe.com/tiff/1.0/"
	nsAux   = "http://ns.adobe.com/exif/1.0/aux/"
	nsExif  = "http://ns.adobe.com/exif/1.0/"
	nsExif2 = "http://cipa.jp/exif/1.0/"
)

// Limits of an XMP packet: those of people are far below.
const (
	xmpDepth  = 32
	xmpTokens = 100_000
)

// readXMP reads a packet of XMP, whose properties are attributes or elements. encoding/xml knows no entities but XML's own, so
// none can grow.
func readXMP(packet []byte) (m Metadata) {
	if len(packet) == 0 || len(packet) > metadataPacket {
		return m
	}
	in := xml.NewDecoder(bytes.NewReader(bytes.TrimRight(packet, "\x00")))
	in.Strict = false
	var maker, model, latitude, longitude string
	set := func(name xml.Name, text string) {
		if text = plainText([]byte(text)); text == "" {
			return
		}
		switch name {
		case xml.Name{Space: nsXMP, Local: "Rating"}:
			if n, err := strconv.ParseFloat(text, 64); err == nil && n >= -1 && n <= 5 && n == math.Trunc(n) {
				m.Rating = int(n)
			}
		case xml.Name{Space: nsXMP, Local: "Label"}:
			m.Label = cmp.Or(m.Label, text)
		case xml.Name{Space: nsTIFF, Local: "Make"}:
			maker = cmp.Or(maker, text)
		case xml.Name{Space: nsTIFF, Local: "Model"}:
			model = cmp.Or(model, text)
		case xml.Name{Space: nsExif, Local: "GPSLatitude"}:
			latitude = cmp.Or(latitude, text)
		case xml.Name{Space: nsExif, Local: "GPSLongitude"}:
			longitude = cmp.Or(longitude, text)
		case xml.Name{Space: nsAux, Local: "Lens"}, xml.Name{Space: nsExif2, Local: "LensModel"}:
			m.Lens = cmp.Or(m.Lens, text)
		case xml.Name{Space: nsDC, Local: "title"}:
			m.Title = cmp.Or(m.Title, text)
		case xml.Name{Space: nsDC, Local: "description"}:
			m.Caption = cmp.Or(m.Caption, text)
		case xml.Name{Space: nsDC, Local: "subject"}:
			m.Keywords = union(m.Keywords, []string{text})
		}
	}
	var path []xml.Name
	var text strings.Builder
	for range xmpTokens {
		token, err := in.Token()
		if err != nil {
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			if path = append(path, t.Name); len(path) > xmpDepth {
				return Metadata{}
			}
			text.Reset()
			if t.Name == (xml.Name{Space: nsRDF, Local: "Description"}) && isProperties(path) {
				for _, a := range t.Attr {
					set(a.Name, a.Value)
				}
			}
		case xml.CharData:
			if text.Len() < metadataText {
				text.Write(t)
			}
		case xml.EndElement:
			if len(path) == 0 {
				break
			}
			set(property(path), text.String())
			path = path[:len(path)-1]
			text.Reset()
		}
	}
	m.Camera, m.Position = cameraName(maker, model), xmpPosition(latitude, longitude)
	return m
}

// xmpPosition reads GPSCoordinates of XMP for EXIF: degrees and minutes, with a fraction or with seconds, and a letter,
// "48,51.493N" or "48,51,30N".
func xmpPosition(latitude, longitude string) (p Position) {
	read := func(text, plus, minus string, most float64) (v float64, ok bool) {
		number, negative := strings.CutSuffix(text, minus)
		if !negative {
			if number, ok = strings.CutSuffix(text, plus); !ok {
				return 0, false
			}
		}
		parts := strings.Split(number, ",")
		if len(parts) > 3 {
			return 0, false
		}
		unit := 1.
		for _, part := range parts {
			n, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
			if err != nil || !(n >= 0) {
				return 0, false
			}
			v += n / unit
			unit *= 60
		}
		if negative {
			v = -v
		}
		return v + 0, math.Abs(v) <= most
	}
	var north, east bool
	p.Latitude, north = read(latitude, "N", "S", 90)
	p.Longitude, east = read(longitude, "E", "W", 180)
	if !north || !east || p.Latitude == 0 && p.Longitude == 0 {
		return Position{}
	}
	p.Known = true
	return p
}

// isProperties reports whether the last of a path describes the picture, rather than something within a property.
func isProperties(path []xml.Name) bool {
	return len(path) >= 2 && path[len(path)-2] == xml.Name{Space: nsRDF, Local: "RDF"}
}

// property is the name of the property of the picture whose value ends here: its own element, or one of its list.
func property(path []xml.Name) xml.Name {
	at := len(path) - 1
	if at >= 2 && path[at] == (xml.Name{Space: nsRDF, Local: "li"}) {
		at -= 2 // and the list's Bag, Seq or Alt
	}
	if at >= 1 && path[at-1] == (xml.Name{Space: nsRDF, Local: "Description"}) && isProperties(path[:at]) {
		return path[at]
	}
	return xml.Name{}
}
