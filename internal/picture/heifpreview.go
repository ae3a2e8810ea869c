package picture

import (
	"encoding/binary"
	"maps"
	"slices"
)

// reduceHEIF decodes the smallest of the previews in the file (items that refer to the picture by thmb) that is large
// enough and has its shape. One of a picture with transparency is not taken: it has none.
func reduceHEIF(src *source, info Info, width, height int) (*Picture, error) {
	if src.heif == nil || src.heif.boxes == nil || src.heif.boxes.alpha != nil {
		return nil, nil
	}
	data := smallestPreview(src, info, width, height)
	if data == nil {
		return nil, nil
	}
	// A picture holds a child, and may not wait for a second one.
	src.heif.close()
	src.heif = nil
	inside := &source{ctx: src.ctx, data: data, lim: src.lim, format: src.format, decoding: true}
	defer inside.close()
	if of, err := inspectHEIF(inside); err == nil && of.Width >= width && of.Height >= height && alike(of, info) {
		if p, err := decodeHEIF(inside, of); err == nil {
			return p, nil
		}
	}
	if err := src.stopped(); err != nil {
		return nil, err
	}
	h, err := openHEIF(src)
	src.heif = h
	return nil, err
}

// smallestPreview returns the file with the smallest preview that is enough as its main picture; nil where there is none.
func smallestPreview(src *source, info Info, width, height int) []byte {
	main := src.heif.boxes
	var data []byte
	pixels := int64(info.Width) * int64(info.Height)
	for _, id := range slices.Sorted(maps.Keys(main.items)) {
		if !slices.Contains(main.items[id].previewOf, main.primary) {
			continue
		}
		file := withPrimary(src.data, id)
		if file == nil {
			continue
		}
		of := readHEIF(file, src.format)
		if of == nil || of.plain == nil {
			continue
		}
		w, h, ok := of.shown(of.width, of.height)
		if n := int64(w) * int64(h); ok && w >= width && h >= height && n < pixels && alike(Info{Width: w, Height: h}, info) {
			data, pixels = file, n
		}
	}
	return data
}

// alike reports whether a preview has the shape of its picture, within a pixel and a half.
func alike(preview, whole Info) bool {
	d := 2 * (int64(preview.Width)*int64(whole.Height) - int64(preview.Height)*int64(whole.Width))
	return max(d, -d) <= 3*int64(max(whole.Width, whole.Height))
}

// withPrimary returns a copy of a file whose main picture is another one of its items, and which has no previews; nil
// where that cannot be said in it.
func withPrimary(data []byte, id uint32) []byte {
	file := slices.Clone(data)
	for rest := file; len(rest) > 0; {
		kind, body, after := box(rest)
		if kind == "" {
			return nil
		}
		if rest = after; kind != "meta" {
			continue
		}
		if len(body) < 4 {
			return nil
		}
		done := false
		for inner := body[4:]; len(inner) > 0; {
			kind, body, after := box(inner)
			if kind == "" {
				return nil
			}
			inner = after
			switch {
			case kind == "pitm" && len(body) >= 6 && body[0] == 0 && id < 1<<16:
				binary.BigEndian.PutUint16(body[4:], uint16(id))
				done = true
			case kind == "pitm" && len(body) >= 8 && body[0] > 0:
				binary.BigEndian.PutUint32(body[4:], id)
				done = true
			case kind == "iref" && len(body) >= 4:
				for refs := body[4:]; len(refs) > 0; {
					kind, _, after := box(refs)
					if kind == "" {
						return nil
					}
					if kind == "thmb" {
						copy(refs[4:], "free")
					}
					refs = after
				}
			}
		}
		if !done {
			return nil
		}
		return file
	}
	return nil
}
