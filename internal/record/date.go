package record

import (
	"math"
	"time"
)

// NoDate stands for the date of a picture that has none.
const NoDate = math.MinInt64

// Taken is when a picture was taken, as its camera tells.
type Taken struct {
	Clock int64 // what the clock showed, in seconds as if it were UTC; or NoDate
	Zone  int64 // seconds east of UTC; NoDate where the camera does not tell
}

// ParseTaken reads 2006-01-02T15:04:05, with +02:00 after it where the zone is known.
func ParseTaken(text string) Taken {
	const layout = "2006-01-02T15:04:05"
	none := Taken{NoDate, NoDate}
	if len(text) < len(layout) {
		return none
	}
	shown, err := time.Parse(layout, text[:len(layout)])
	if err != nil {
		return none
	}
	t := Taken{shown.Unix(), NoDate}
	if len(text) > len(layout) {
		zoned, err := time.Parse(layout+"-07:00", text)
		if err != nil {
			return none
		}
		_, offset := zoned.Zone()
		t.Zone = int64(offset)
	}
	return t
}

// DateOf returns a picture's date in seconds: what a clock on the wall showed, and since 1970.
func DateOf(taken string, mtime int64, local *time.Location) (clock, instant int64) {
	return ParseTaken(taken).Date(mtime, local)
}

// Date is DateOf. A time without a zone is one of the local one; without a time it is that of the last write, in nanoseconds
// since 1970, unless that is 0.
func (t Taken) Date(mtime int64, local *time.Location) (clock, instant int64) {
	if t.Clock != NoDate {
		if t.Zone != NoDate {
			return t.Clock, t.Clock - t.Zone
		}
		shown := time.Unix(t.Clock, 0).UTC()
		year, month, day := shown.Date()
		hour, minute, second := shown.Clock()
		return t.Clock, time.Date(year, month, day, hour, minute, second, 0, local).Unix()
	}
	if mtime == 0 {
		return NoDate, NoDate
	}
	written := time.Unix(0, mtime)
	_, zone := written.In(local).Zone()
	return written.Unix() + int64(zone), written.Unix()
}
