package keypoint

import "math"

// Compact is a set whose descriptors have 8 bits a value: a quarter of the memory.
type Compact struct {
	width, height int
	points        []Point
	descriptors   []byte // of each value, which is at most 1, 255 times as much
}

// Compact returns the keypoints of most contrast.
func (s *Set) Compact(most int) Compact {
	n := min(most, len(s.Points)) // they are in that order
	c := Compact{s.Width, s.Height, append([]Point(nil), s.Points[:n]...), make([]byte, n*Width)}
	for i := range c.descriptors {
		c.descriptors[i] = byte(s.Descriptors[i]*255 + 0.5)
	}
	return c
}

// Set is what was compacted, rounded.
func (c Compact) Set() *Set {
	s := &Set{Width: c.width, Height: c.height, Points: c.points, Descriptors: make([]float32, len(c.descriptors))}
	for i := range s.Points {
		from, to := c.descriptors[i*Width:(i+1)*Width], s.Descriptor(i)
		sum := 0
		for _, b := range from {
			sum += int(b) * int(b)
		}
		scale := float32(1 / math.Sqrt(float64(max(1, sum))))
		for j, b := range from {
			to[j] = float32(b) * scale
		}
	}
	return s
}
