package picture

import "encoding/binary"

func init() {
	register(Format{
		Name: "qoi", Title: "QOI", Extensions: []string{".qoi"}, MediaType: "image/qoi", Alpha: true, Lossless: true,
		matches: begins("qoif"),
		inspect: inspectQOI, decode: decodeQOI,
	})
}

// qoiHeader is how long the header is: the signature, width and height, channels, and a colour space that changes nothing.
const qoiHeader = 14

func inspectQOI(src *source) (Info, error) {
	if len(src.data) < qoiHeader {
		return Info{}, src.truncated()
	}
	width, height := binary.BigEndian.Uint32(src.data[4:]), binary.BigEndian.Uint32(src.data[8:])
	if channels := src.data[12]; channels != 3 && channels != 4 {
		return Info{}, src.corrupt("%d channels", channels)
	}
	return turned("qoi", int(width), int(height), upAndUndated), src.lim.check("qoi", int(width), int(height))
}

// decodeQOI follows the specification of QOI 1.0.
func decodeQOI(src *source, info Info) (*Picture, error) {
	body, pixels := src.data[qoiHeader:], info.Width*info.Height
	const longestRun = 62
	if pixels/longestRun > len(body) {
		return nil, src.truncated()
	}
	p := New(info.Width, info.Height)
	if src.data[12] == 4 {
		p.Alpha = make([]byte, pixels)
	}
	fail := func(err error) (*Picture, error) {
		p.Release()
		return nil, err
	}
	var seen [64][4]byte
	px, run := [4]byte{3: 255}, 0
	for i := range pixels {
		if i%(1<<16) == 0 {
			if err := src.stopped(); err != nil {
				return fail(err)
			}
		}
		if run > 0 {
			run--
		} else {
			if len(body) == 0 {
				return fail(src.truncated())
			}
			op, size := body[0], 1
			switch {
			case op == 0xfe:
				size = 4
			case op == 0xff:
				size = 5
			case op>>6 == 2:
				size = 2
			}
			if len(body) < size {
				return fail(src.truncated())
			}
			switch {
			case op >= 0xfe: // the values themselves
				copy(px[:], body[1:size])
			case op>>6 == 0: // a pixel that was seen
				px = seen[op&63]
			case op>>6 == 1: // small differences
				px[0] += op>>4&3 - 2
				px[1] += op>>2&3 - 2
				px[2] += op&3 - 2
			case op>>6 == 2: // those of red and blue to that of green
				green := op&63 - 32
				px[0] += green - 8 + body[1]>>4
				px[1] += green
				px[2] += green - 8 + body[1]&15
			default:
				run = int(op & 63)
			}
			body = body[size:]
			seen[(int(px[0])*3+int(px[1])*5+int(px[2])*7+int(px[3])*11)%64] = px
		}
		copy(p.Pix[3*i:3*i+3], px[:3])
		if p.Alpha != nil {
			p.Alpha[i] = px[3]
		}
	}
	return p, nil
}
