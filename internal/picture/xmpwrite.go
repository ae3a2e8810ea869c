package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// emptyXMP is a packet that says nothing.
const emptyXMP = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
`

// AddKeywords adds keywords to a sidecar's XMP, and changes nothing else: what other programs wrote, and how, stays. A nil packet
// is a new sidecar. A packet that has all of them is returned as it is.
func AddKeywords(packet []byte, keywords []string) ([]byte, error) {
	if packet == nil {
		packet = []byte(emptyXMP)
	}
	before := readXMP(packet)
	var add []string
	for _, k := range keywords {
		if k = plainText([]byte(k)); k != "" && !slices.Contains(before.Keywords, k) && !slices.Contains(add, k) {
			add = append(add, k)
		}
	}
	if len(add) == 0 {
		return packet, nil
	}
	if len(packet) > metadataPacket {
		return nil, fmt.Errorf("it has more than %d bytes", metadataPacket)
	}
	place, err := keywordsPlace(packet)
	if err != nil {
		return nil, err
	}
	out := slices.Concat(packet[:place.from], place.text(add), packet[place.to:])
	// Whoever reads it finds the keywords, and all that was there.
	want, got := before, readXMP(out)
	want.Keywords = union(before.Keywords, add)
	slices.Sort(want.Keywords)
	slices.Sort(got.Keywords)
	if !reflect.DeepEqual(got, want) {
		return nil, errors.New("keywords cannot be added to it")
	}
	return out, nil
}

// xmpPlace is where keywords are put: in the place of some bytes, which may be none.
type xmpPlace struct {
	from, to int
	// rdf is the prefix of RDF's names there, with a colon.
	rdf           string
	before, after string
}

// text is what is put there.
func (p xmpPlace) text(keywords []string) []byte {
	var b bytes.Buffer
	b.WriteString(p.before)
	for _, k := range keywords {
		b.WriteString("<" + p.rdf + "li>")
		_ = xml.EscapeText(&b, []byte(k)) // a buffer takes all
		b.WriteString("</" + p.rdf + "li>")
	}
	b.WriteString(p.after)
	return b.Bytes()
}

// keywordsPlace finds the list of keywords in a packet, or where one can be begun.
func keywordsPlace(packet []byte) (xmpPlace, error) {
	in := xml.NewDecoder(bytes.NewReader(packet))
	subject, bag := xml.Name{Space: nsDC, Local: "subject"}, xml.Name{Space: nsRDF, Local: "Bag"}
	var path []xml.Name
	var found *xmpPlace // the end of the first description
	for range xmpTokens {
		from := int(in.InputOffset())
		token, err := in.Token()
		if errors.Is(err, io.EOF) && found != nil && len(path) == 0 {
			return *found, nil
		}
		if err != nil {
			return xmpPlace{}, fmt.Errorf("it is no XMP: %w", err)
		}
		to := int(in.InputOffset())
		switch t := token.(type) {
		case xml.StartElement:
			if path = append(path, t.Name); len(path) > xmpDepth {
				return xmpPlace{}, errors.New("it is no XMP: it is too deep")
			}
		case xml.EndElement:
			n := len(path)
			if n == 0 || path[n-1] != t.Name {
				return xmpPlace{}, errors.New("it is no XMP: its elements are not closed")
			}
			isList := n >= 3 && path[n-1] == bag && path[n-2] == subject && isProperties(path[:n-2])
			isDescription := t.Name == xml.Name{Space: nsRDF, Local: "Description"} && isProperties(path)
			path = path[:n-1]
			if !isList && (!isDescription || found != nil) {
				continue
			}
			tag := packet[from:to] // of an element without content it is empty: that was one tag
			place := xmpPlace{from: from, to: from}
			if from == to {
				begin := bytes.LastIndexByte(packet[:from], '<')
				if begin < 0 || !bytes.HasSuffix(packet[:from], []byte("/>")) {
					return xmpPlace{}, errors.New("it is no XMP")
				}
				tag = packet[begin:from]
				name := tagName(tag[1:])
				place.from, place.before, place.after = from-len("/>"), ">", "</"+name+">"
				place.rdf = prefixOf(name)
			} else {
				place.rdf = prefixOf(tagName(tag[2:]))
			}
			if isList {
				return place, nil
			}
			place.before += `<dc:subject xmlns:dc="` + nsDC + `"><` + place.rdf + "Bag>"
			place.after = "</" + place.rdf + "Bag></dc:subject>" + place.after
			found = &place
		}
	}
	return xmpPlace{}, errors.New("it is no XMP: it has too many elements")
}

// tagName is the name that a tag begins with, with its prefix.
func tagName(tag []byte) string {
	if end := bytes.IndexAny(tag, " \t\r\n/>"); end >= 0 {
		tag = tag[:end]
	}
	return string(tag)
}

// prefixOf is the prefix of a name, with its colon.
func prefixOf(name string) string {
	if prefix, _, ok := strings.Cut(name, ":"); ok {
		return prefix + ":"
	}
	return ""
}
