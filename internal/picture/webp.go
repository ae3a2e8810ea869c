package picture

import (
	"encoding/binary"
	"errors"
	"image"
	"io"

	"golang.org/x/image/vp8"
	"golang.org/x/image/vp8l"
)

func init() {
	register(Format{
		Name: "webp", Title: "WebP", Extensions: []string{".webp"}, MediaType: "image/webp", Alpha: true,
		matches: func(head []byte) bool {
			return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP"
		},
		inspect: inspectWebP, decode: decodeWebP,
		cost: bytesPerPixel(8),
	})
}

// webpFrame is the first frame of a WebP file and its place on the canvas.
type webpFrame struct {
	canvasWidth, canvasHeight int
	x, y, width, height       int
	lossless                  bool
	data                      []byte // the body of a VP8 or VP8L chunk
	alpha                     []byte // of an ALPH chunk, which goes with VP8
	exif                      exif
}

func inspectWebP(src *source) (Info, error) {
	f, err := firstWebPFrame(src)
	if err != nil {
		return Info{}, err
	}
	return turned("webp", f.canvasWidth, f.canvasHeight, f.exif), nil
}

// firstWebPFrame walks the container: https://developers.google.com/speed/webp/docs/riff_container.
func firstWebPFrame(src *source) (f webpFrame, err error) {
	size := uint64(binary.LittleEndian.Uint32(src.data[4:])) + 8
	if size > uint64(len(src.data)) {
		return f, src.corrupt("truncated after %d of %d bytes", len(src.data), size)
	}
	var block, packet []byte // EXIF, XMP
	defer func() { f.exif = readEXIF(block).orXMP(packet) }()
	u24 := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
	frames := 0
	transparent := false // says the header
	take := func(kind string, body []byte) error {
		f.data, f.lossless = body, kind == "VP8L"
		frames++
		return f.readSize(src)
	}
	for kind, body := range chunks(src.data[12:size], binary.LittleEndian, 0) {
		switch {
		case kind == "VP8X" && len(body) >= 10:
			f.canvasWidth, f.canvasHeight = u24(body[4:])+1, u24(body[7:])+1
			transparent = body[0]&0x10 != 0
			if err := src.lim.check("webp", f.canvasWidth, f.canvasHeight); err != nil {
				return f, err
			}
		case kind == "EXIF" && block == nil:
			block = body
		case kind == "XMP " && packet == nil:
			packet = body
		case frames > 0:
		case kind == "ALPH" && transparent:
			f.alpha = body
		case kind == "VP8 " || kind == "VP8L":
			if err := take(kind, body); err != nil {
				return f, err
			}
			if f.canvasWidth == 0 {
				f.canvasWidth, f.canvasHeight = f.width, f.height
			}
		case kind == "ANMF" && len(body) >= 16:
			f.x, f.y = 2*u24(body), 2*u24(body[3:])
			for kind, body := range chunks(body[16:], binary.LittleEndian, 0) {
				if kind == "ALPH" && transparent {
					f.alpha = body
				}
				if kind == "VP8 " || kind == "VP8L" {
					if err := take(kind, body); err != nil {
						return f, err
					}
					break
				}
			}
		}
	}
	if frames == 0 {
		return f, src.corrupt("no picture in the file")
	}
	if f.x+f.width > f.canvasWidth || f.y+f.height > f.canvasHeight {
		return f, src.corrupt("the first frame, %d x %d at %d,%d, lies outside of the canvas of %d x %d",
			f.width, f.height, f.x, f.y, f.canvasWidth, f.canvasHeight)
	}
	if f.width < f.canvasWidth || f.height < f.canvasHeight {
		if err := src.canvas(f.canvasWidth, f.canvasHeight); err != nil {
			return f, err
		}
	}
	return f, src.lim.check("webp", f.canvasWidth, f.canvasHeight)
}

// readSize takes the frame's size from its own header.
func (f *webpFrame) readSize(src *source) error {
	d := f.data
	if f.lossless {
		if len(d) < 5 || d[0] != 0x2f {
			return src.corrupt("bad header of a lossless frame")
		}
		packed := binary.LittleEndian.Uint32(d[1:])
		f.width, f.height = int(packed&0x3fff)+1, int(packed>>14&0x3fff)+1
	} else {
		if len(d) < 10 || string(d[3:6]) != "\x9d\x01\x2a" {
			return src.corrupt("bad header of a lossy frame")
		}
		f.width = int(binary.LittleEndian.Uint16(d[6:])) & 0x3fff
		f.height = int(binary.LittleEndian.Uint16(d[8:])) & 0x3fff
	}
	return src.lim.check("webp", f.width, f.height)
}

func decodeWebP(src *source, _ Info) (*Picture, error) {
	f, err := firstWebPFrame(src)
	if err != nil {
		return nil, err
	}
	body := &reader{src: &source{ctx: src.ctx, data: f.data}}
	var frame *Picture
	if f.lossless {
		var img image.Image
		if img, err = vp8l.Decode(body); err == nil {
			frame, err = fromImage(img)
		}
	} else {
		frame, err = decodeVP8(body, len(f.data))
		if err == nil && len(f.alpha) > 0 && frame.Width == f.width && frame.Height == f.height {
			if frame.Alpha, err = decodeALPH(src, f.alpha, f.width, f.height); err != nil {
				frame.Release()
			}
		}
	}
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, src.corrupt("the pixels end early, after %d bytes", len(f.data))
		}
		return nil, err
	}
	if frame.Width == f.canvasWidth && frame.Height == f.canvasHeight {
		return frame, nil
	}
	defer frame.Release()
	if frame.Width != f.width || frame.Height != f.height {
		return nil, src.corrupt("the first frame has two sizes")
	}
	p := New(f.canvasWidth, f.canvasHeight)
	clear(p.Pix)
	p.Alpha = make([]byte, p.Width*p.Height) // nothing is drawn beside the frame
	for y := range frame.Height {
		copy(p.Pix[3*((f.y+y)*p.Width+f.x):], frame.Pix[3*y*frame.Width:][:3*frame.Width])
		row := p.Alpha[(f.y+y)*p.Width+f.x:][:frame.Width]
		for x := range row {
			row[x] = 255
		}
		if frame.Alpha != nil {
			copy(row, frame.Alpha[y*frame.Width:])
		}
	}
	return p, nil
}

// decodeALPH reads the alpha of a lossy frame: as it is, or packed as the green of a lossless picture,
// and in both cases perhaps as differences.
func decodeALPH(src *source, body []byte, width, height int) ([]byte, error) {
	head, body := body[0], body[1:]
	alpha := make([]byte, 0)
	switch head & 3 {
	case 0:
		if len(body) < width*height {
			return nil, src.corrupt("the alpha ends early, after %d bytes", len(body))
		}
		alpha = append(alpha, body[:width*height]...)
	case 1:
		size := uint32(width-1) | uint32(height-1)<<14
		packed := append(binary.LittleEndian.AppendUint32([]byte{0x2f}, size), body...)
		img, err := vp8l.Decode(&reader{src: &source{ctx: src.ctx, data: packed}})
		if err != nil {
			return nil, err
		}
		m, ok := img.(*image.NRGBA)
		if !ok {
			return nil, src.corrupt("bad alpha")
		}
		alpha = make([]byte, width*height)
		for i := range alpha {
			alpha[i] = m.Pix[4*i+1]
		}
	default:
		return nil, src.corrupt("alpha of the unknown kind %d", head&3)
	}
	filter := head >> 2 & 3
	for y := 0; y < height && filter > 0; y++ {
		row := alpha[y*width:][:width]
		for x := range row {
			guess := byte(0)
			switch {
			case x == 0 && y == 0:
			case y == 0:
				guess = row[x-1]
			case x == 0:
				guess = alpha[(y-1)*width]
			case filter == 1:
				guess = row[x-1]
			case filter == 2:
				guess = alpha[(y-1)*width+x]
			default:
				above := alpha[(y-1)*width+x-1:]
				guess = byte(min(max(int(row[x-1])+int(above[1])-int(above[0]), 0), 255))
			}
			row[x] += guess
		}
	}
	return alpha, nil
}

func decodeVP8(r io.Reader, size int) (*Picture, error) {
	d := vp8.NewDecoder()
	d.Init(r, size)
	if _, err := d.DecodeFrameHeader(); err != nil {
		return nil, err
	}
	m, err := d.DecodeFrame()
	if err != nil {
		return nil, err
	}
	return vp8ToRGB(m), nil
}

// vp8ToRGB is libwebp's conversion: "fancy" upsampling of chroma (weights 9, 3,
// 3, 1 with its two-step rounding) and its 14-bit fixed-point matrix.
func vp8ToRGB(m *image.YCbCr) *Picture {
	width, height := m.Rect.Dx(), m.Rect.Dy()
	p := New(width, height)
	chromaWidth, chromaHeight := (width+1)/2, (height+1)/2
	bands(height, 1+1<<17/width, func(from, to int) {
		u, v := make([]byte, 2*chromaWidth), make([]byte, 2*chromaWidth)
		for y := from; y < to; y++ {
			near := y / 2
			far := near - 1 + y%2*2
			far = min(max(far, 0), chromaHeight-1)
			a, b := near*m.CStride, far*m.CStride
			vp8Upsample(u, m.Cb[a:a+chromaWidth], m.Cb[b:b+chromaWidth])
			vp8Upsample(v, m.Cr[a:a+chromaWidth], m.Cr[b:b+chromaWidth])
			luma, dst := m.Y[y*m.YStride:][:width], p.Pix[3*y*width:][:3*width]
			for x, l := range luma {
				l, cb, cr := int(l)*19077>>8, int(u[x]), int(v[x])
				dst[3*x] = clip6(l + cr*26149>>8 - 14234)
				dst[3*x+1] = clip6(l - cb*6419>>8 - cr*13320>>8 + 8708)
				dst[3*x+2] = clip6(l + cb*33050>>8 - 17685)
			}
		}
	})
	return p
}

func clip6(v int) byte { return byte(min(max(v>>6, 0), 255)) }

// vp8Upsample doubles a row of chroma; near is the closer of the two rows around it.
func vp8Upsample(out, near, far []byte) {
	last := len(near) - 1
	out[0] = byte((3*int(near[0]) + int(far[0]) + 2) >> 2)
	for i := range last {
		n0, n1, f0, f1 := int(near[i]), int(near[i+1]), int(far[i]), int(far[i+1])
		sum := n0 + n1 + f0 + f1 + 8
		out[2*i+1] = byte(((sum+2*(n1+f0))>>3 + n0) >> 1)
		out[2*i+2] = byte(((sum+2*(n0+f1))>>3 + n1) >> 1)
	}
	out[2*last+1] = byte((3*int(near[last]) + int(far[last]) + 2) >> 2)
}
