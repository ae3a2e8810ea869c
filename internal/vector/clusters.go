package vector

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/akin-search/akin/internal/simd"
)

// centres are the centroids of lists, in a basis' coordinates.
type centres struct {
	count, width int
	scale        float32
	panels       []uint8   // of count rows, padded to whole panels; a byte is a coordinate / scale + zero
	half         []float32 // half of each one's squared length
	length       []float32
}

// zero is the byte of 0 in panels: bytes run from 1 to 127.
const zero = 64

func panelCount(rows int) int { return (rows + simd.PanelRows - 1) / simd.PanelRows }

// panelByte is the index of byte b of row r in panels of rows of width bytes.
func panelByte(r, b, width int) int {
	return r/simd.PanelRows*simd.PanelRows*width + b/4*64 + r%simd.PanelRows*4 + b%4
}

// newCentres rounds points, (count, width), to the bytes of panels.
func newCentres(points []float32, width int) *centres {
	c := &centres{count: len(points) / width, width: width, scale: largest(points) / (zero - 1)}
	c.panels = make([]uint8, panelCount(c.count)*simd.PanelRows*width)
	c.half, c.length = make([]float32, c.count), make([]float32, c.count)
	for i := range c.count {
		sum := 0.
		for j, x := range points[i*width : (i+1)*width] {
			v := nearest(x, c.scale)
			c.panels[panelByte(i, j, width)] = uint8(v + zero)
			sum += float64(v) * float64(v)
		}
		sum *= float64(c.scale) * float64(c.scale)
		c.half[i], c.length[i] = float32(sum/2), roundUp(math.Sqrt(sum))
	}
	return c
}

// at writes centre i's coordinates to out.
func (c *centres) at(i int, out []float32) {
	for j := range out {
		out[j] = c.scale * float32(int(c.panels[panelByte(i, j, c.width)])-zero)
	}
}

// largest is the largest magnitude in v, which has no NaN.
func largest(v []float32) float32 {
	most := uint32(0)
	for _, x := range v { // as integers, whose order is the same
		most = max(most, math.Float32bits(x)&^(1<<31))
	}
	return math.Float32frombits(most)
}

// nearest is x in units of scale, rounded to an integer; 0 where scale is 0.
func nearest(x, scale float32) int {
	if scale == 0 {
		return 0
	}
	return int(math.RoundToEven(float64(x) / float64(scale)))
}

// signed rounds v to signed bytes of magnitudes up to most. It returns their scale and their sum.
func signed(v []float32, most int, out []int8) (scale float32, sum int) {
	scale = largest(v) / float32(most)
	if scale == 0 {
		clear(out)
		return 0, 0
	}
	inverse := 1 / scale
	for i, x := range v {
		b := int(math.Floor(float64(x*inverse) + 0.5))
		b = min(most, max(-most, b))
		out[i] = int8(b)
		sum += b
	}
	return scale, sum
}

// nearestTo returns the centre that is nearest to a point. sums and q are buffers.
func (c *centres) nearestTo(point []float32, q []int8, sums []int32) int {
	scale, bias := signed(point, 127, q)
	simd.PanelSums(q, c.panels, sums)
	best, most := 0, float32(math.Inf(-1))
	unit, shift := scale*c.scale, int32(zero*bias)
	for i, h := range c.half {
		if s := unit*float32(sums[i]-shift) - h; s > most {
			best, most = i, s
		}
	}
	return best
}

const (
	rowsPerList     = 128  // rows of a list, about
	pointsPerCentre = 32   // of the training sample
	lloydRounds     = 8    // rounds of Lloyd's k-means
	maxTrainedLists = 4096 // centres that are trained together: the time grows with the square of their number
)

// cluster divides points, (n, width), into lists of about rowsPerList of them. It returns the
// lists' centres and the list of each point.
func cluster(ctx context.Context, points []float32, width, threads int) (*centres, []int32, error) {
	n := len(points) / width
	count := n / rowsPerList
	if n > 0 {
		count = max(1, count)
	}
	if count <= maxTrainedLists {
		c, err := kMeans(ctx, points, width, count, threads)
		if err != nil {
			return nil, nil, err
		}
		of, err := c.assign(ctx, points, threads)
		return c, of, err
	}
	parts, err := divide(ctx, points, width, 2*count/maxTrainedLists, threads)
	if err != nil {
		return nil, nil, err
	}
	var middles []float32
	of := make([]int32, n)
	for _, part := range parts {
		gathered := make([]float32, 0, len(part)*width)
		for _, i := range part {
			gathered = append(gathered, points[int(i)*width:][:width]...)
		}
		c, within, err := cluster(ctx, gathered, width, threads)
		if err != nil {
			return nil, nil, err
		}
		first := len(middles) / width
		for i, list := range within {
			of[part[i]] = int32(first) + list
		}
		middles = append(middles, make([]float32, c.count*width)...)
		for i := range c.count {
			c.at(i, middles[(first+i)*width:][:width])
		}
	}
	return newCentres(middles, width), of, nil
}

// divide splits points, by their index, into count parts of points that lie close together.
func divide(ctx context.Context, points []float32, width, count, threads int) ([][]int32, error) {
	c, err := kMeans(ctx, points, width, count, threads)
	if err != nil {
		return nil, err
	}
	of, err := c.assign(ctx, points, threads)
	if err != nil {
		return nil, err
	}
	parts := make([][]int32, count)
	for i, part := range of {
		parts[part] = append(parts[part], int32(i))
	}
	for _, part := range parts {
		if len(part) > len(of)/4*3 { // nearly all are the same: any division is as good
			return slices.Collect(slices.Chunk(slices.Concat(parts...), (len(of)+count-1)/count)), nil
		}
	}
	return slices.DeleteFunc(parts, func(part []int32) bool { return len(part) == 0 }), nil
}

// assign returns the centre that is nearest to each of points.
func (c *centres) assign(ctx context.Context, points []float32, threads int) ([]int32, error) {
	of := make([]int32, len(points)/c.width)
	err := inParallel(ctx, len(of), threads, func() func(int) {
		q, sums := make([]int8, c.width), make([]int32, len(c.panels)/c.width)
		return func(i int) { of[i] = int32(c.nearestTo(points[i*c.width:][:c.width], q, sums)) }
	})
	return of, err
}

// kMeans finds count centres of points, (n, width), by Lloyd's algorithm on a sample.
func kMeans(ctx context.Context, points []float32, width, count, threads int) (*centres, error) {
	n := len(points) / width
	if n == 0 {
		return newCentres(nil, width), nil
	}
	r := rand.New(rand.NewPCG(uint64(n), uint64(width)))
	order := r.Perm(n)[:min(n, count*pointsPerCentre)]
	sample := make([]float32, 0, len(order)*width)
	for _, i := range order {
		sample = append(sample, points[i*width:][:width]...)
	}
	middle := slices.Clone(sample[:count*width])
	c := newCentres(middle, width)
	for range lloydRounds {
		assigned, err := c.assign(ctx, sample, threads)
		if err != nil {
			return nil, err
		}
		total, members := make([]float64, count*width), make([]int, count)
		for i, at := range assigned {
			members[at]++
			for j, x := range sample[i*width:][:width] {
				total[int(at)*width+j] += float64(x)
			}
		}
		// A centre without members restarts as a point of a full list.
		full := slices.MaxFunc(assigned, func(a, b int32) int { return members[a] - members[b] })
		for i := range count {
			if members[i] == 0 {
				for k := r.IntN(len(assigned)); ; k = (k + 1) % len(assigned) {
					if assigned[k] == full || members[assigned[k]] > 2*pointsPerCentre {
						copy(middle[i*width:(i+1)*width], sample[k*width:])
						break
					}
				}
				continue
			}
			for j := range width {
				middle[i*width+j] = float32(total[i*width+j] / float64(members[i]))
			}
		}
		c = newCentres(middle, width)
	}
	return c, nil
}
