package keypoint

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/picture"
)

var write = flag.String("write", "", "write the scene as PNG, for testdata/opencv.py")

// scene is a made picture with structure of many sizes: discs and bars of random brightness over one another.
func scene(seed uint64, width, height int) *picture.Picture {
	r := rand.New(rand.NewPCG(seed, 1))
	p := picture.New(width, height)
	for i := range p.Pix {
		p.Pix[i] = 128
	}
	for range 260 {
		x, y := r.Float64()*float64(width), r.Float64()*float64(height)
		size, turn, ratio := 3+40*r.Float64()*r.Float64(), r.Float64()*math.Pi, 0.2+0.8*r.Float64()
		round := r.IntN(2) == 0
		colour := [3]byte{byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))}
		sin, cos := math.Sincos(turn)
		for v := max(0, int(y-size)); v < min(height, int(y+size)); v++ {
			for u := max(0, int(x-size)); u < min(width, int(x+size)); u++ {
				dx, dy := (float64(u)-x)*cos+(float64(v)-y)*sin, (float64(v)-y)*cos-(float64(u)-x)*sin
				if round && dx*dx+dy*dy/(ratio*ratio) < size*size || !round && max(math.Abs(dx), math.Abs(dy)/ratio) < size*0.7 {
					copy(p.Pix[3*(v*width+u):], colour[:])
				}
			}
		}
	}
	return p
}

// opencv has what cv2.SIFT finds in the scene (testdata/opencv.py). Its places are a quarter of a pixel to the right and below, because
// it doubles the picture so.
type opencv []struct {
	X, Y, Scale, Angle float64
	Descriptor         string // base64 of 128 bytes, in OpenCV's order of directions
}

// Some are at the edge of a threshold, where OpenCV, which begins with whole levels of grey, decides otherwise.
func TestKeypointsAreOpenCVs(t *testing.T) {
	p := scene(1, 320, 240)
	if *write != "" {
		f, err := os.Create(*write)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := png.Encode(f, picture.RGBA(p.Pix, p.Width, p.Height)); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile("testdata/opencv.json")
	if err != nil {
		t.Fatal(err)
	}
	var want opencv
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	got := Find(p)
	found, near := 0, 0
	for _, k := range want {
		bytes, err := base64.StdEncoding.DecodeString(k.Descriptor)
		if err != nil {
			t.Fatal(err)
		}
		best := -1.
		for i, g := range got.Points {
			turn := math.Mod(math.Abs(float64(g.Angle)-k.Angle), 2*math.Pi)
			if math.Hypot(float64(g.X)+0.25-k.X, float64(g.Y)+0.25-k.Y) < 0.5 && math.Abs(math.Log2(float64(g.Scale)/k.Scale)) < 0.1 && min(turn, 2*math.Pi-turn) < 0.1 {
				best = max(best, dot(rootOf(bytes), got.Descriptor(i)))
			}
		}
		if best >= 0 {
			found++
			if best > 0.99 {
				near++
			}
		}
	}
	if len(want) < 200 || float64(found) < 0.93*float64(len(want)) || float64(near) < 0.97*float64(found) {
		t.Errorf("of OpenCV's %d keypoints %d are found, %d of them with its descriptor", len(want), found, near)
	}
	if extra := len(got.Points) - len(want); math.Abs(float64(extra)) > 0.05*float64(len(want)) {
		t.Errorf("%d keypoints, OpenCV has %d", len(got.Points), len(want))
	}
}

// rootOf makes a descriptor of OpenCV a RootSIFT in this package's order: its directions count the other way round.
func rootOf(descriptor []byte) []float32 {
	out, sum := make([]float32, Width), 0.
	for _, b := range descriptor {
		sum += float64(b)
	}
	for i := range out {
		out[i] = float32(math.Sqrt(float64(descriptor[i/directions*directions+(directions-i%directions)%directions]) / sum))
	}
	return out
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// A picture turned by a quarter has the same keypoints, turned. Octaves begin with other pixels, so that not all are.
func TestATurnedPictureHasTheSameKeypoints(t *testing.T) {
	t.Parallel()
	p := scene(2, 300, 200)
	turned := picture.New(p.Height, p.Width)
	for y := range p.Height {
		for x := range p.Width {
			copy(turned.Pix[3*(x*turned.Width+turned.Width-1-y):][:3], p.Pix[3*(y*p.Width+x):])
		}
	}
	a, b := Find(p), Find(turned)
	same := 0
	for i, k := range a.Points {
		for j, l := range b.Points {
			if math.Hypot(float64(l.X-(float32(p.Height)-k.Y)), float64(l.Y-k.X)) < 0.3 && dot(a.Descriptor(i), b.Descriptor(j)) > 0.97 {
				same++
				break
			}
		}
	}
	if len(a.Points) < 100 || float64(same) < 0.85*float64(len(a.Points)) {
		t.Errorf("%d of %d keypoints are found in the turned picture", same, len(a.Points))
	}
}

// Pictures of one colour, of one pixel, and stripes have none; and none is any trouble.
func TestPicturesWithoutKeypoints(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{1, 1}, {1, 5000}, {3000, 2}, {40, 40}, {400, 300}} {
		p := picture.New(size[0], size[1])
		if got := Find(p); len(got.Points) != 0 || len(got.Descriptors) != 0 {
			t.Errorf("%v: %d keypoints", size, len(got.Points))
		}
	}
}

// What is transparent is not seen: drawings on nothing have the keypoints of the drawing.
func TestKeypointsAreOfWhatIsSeen(t *testing.T) {
	t.Parallel()
	p := scene(3, 200, 200)
	p.Alpha = make([]byte, 200*200)
	for i := range p.Alpha {
		if i%200 < 100 {
			p.Alpha[i] = 255
		}
	}
	before := slices.Clone(p.Pix)
	s := Find(p)
	for _, k := range s.Points {
		if k.X > 100+6*k.Scale {
			t.Errorf("a keypoint at %.0f, %.0f, where nothing is seen", k.X, k.Y)
		}
	}
	if len(s.Points) < 20 || !slices.Equal(p.Pix, before) {
		t.Errorf("%d keypoints; the picture changed: %v", len(s.Points), !slices.Equal(p.Pix, before))
	}
}

func TestThreadsDoNotMatter(t *testing.T) {
	p := scene(4, 320, 240)
	want := Find(p)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := Find(p); !slices.Equal(got.Points, want.Points) || !slices.Equal(got.Descriptors, want.Descriptors) {
		t.Error("one thread finds others")
	}
}

func BenchmarkFind(b *testing.B) {
	p := scene(1, 1024, 768)
	for b.Loop() {
		Find(p)
	}
}
