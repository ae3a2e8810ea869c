package record

import "math"

// Position is a place on Earth in degrees of WGS 84: south and west are negative.
type Position struct{ Latitude, Longitude float64 }

// earthRadius is the mean radius of the Earth in kilometres: R1 of the IUGG.
const earthRadius = 6371.0088

// Kilometres is the great-circle distance of two places on a sphere of the Earth's mean radius, by the haversine formula,
// which is exact to rounding for near places too. A sphere is wrong by up to 0.6 %.
func (p Position) Kilometres(q Position) float64 {
	const degree = math.Pi / 180
	north := math.Sin((q.Latitude - p.Latitude) * degree / 2)
	east := math.Sin((q.Longitude - p.Longitude) * degree / 2)
	h := north*north + math.Cos(p.Latitude*degree)*math.Cos(q.Latitude*degree)*east*east
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}

// Latitudes are the latitudes that no place within some kilometres of p lies beyond.
func (p Position) Latitudes(kilometres float64) (south, north float64) {
	const slack = 1e-6 // degrees: more than rounding
	d := kilometres/earthRadius*180/math.Pi + slack
	return max(p.Latitude-d, -90), min(p.Latitude+d, 90)
}

// Box is an area between two latitudes and two longitudes. One whose West is greater than its East lies across the
// antimeridian.
type Box struct{ South, West, North, East float64 }

// Has reports whether a place is in the box, or on its edge. The longitudes 180 and -180 are the same.
func (b Box) Has(p Position) bool {
	if p.Latitude < b.South || p.Latitude > b.North {
		return false
	}
	between := func(east float64) bool {
		if b.West <= b.East {
			return b.West <= east && east <= b.East
		}
		return east >= b.West || east <= b.East
	}
	return between(p.Longitude) || math.Abs(p.Longitude) == 180 && between(-p.Longitude)
}
