package result

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Table is the table of docs/speed.md in Markdown, with the machine and the versions before it.
func (f File) Table() string {
	var b strings.Builder
	m := f.Machine
	fmt.Fprintf(&b, "%s, %d cores (%s), %.0f GB of memory, %s, %s.", m.Processor, m.Cores, strings.Join(m.Features, ", "), float64(m.Memory)/(1<<30), m.System, f.Date)
	var rates []string
	for _, r := range f.Rates.each() {
		rates = append(rates, rate(r.need, r.unit)+" "+r.of)
	}
	if len(rates) > 0 {
		fmt.Fprintf(&b, " It gives %s.", strings.Join(rates, ", "))
	}
	var versions []string
	for _, name := range slices.Sorted(maps.Keys(f.Versions)) {
		versions = append(versions, name+" "+f.Versions[name])
	}
	fmt.Fprintf(&b, "\nVersions: %s.\n\n", strings.Join(versions, ", "))
	b.WriteString("| job | akin | best peer as it comes | ratio | by the medians | limit |\n|---|---|---|---|---|---|\n")
	for _, r := range f.Rows {
		peer, ratio, median := "", "", ""
		if r.Ratio != nil {
			peer = r.Ratio.Peer + ": " + number(r.peer(r.Ratio.Peer).Best, r.Unit)
			ratio, median = significant(r.Ratio.Best), significant(r.Ratio.Median)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.What, number(r.Akin.Best, r.Unit), peer, ratio, median, f.limit(r))
	}
	if len(f.LeftOut) > 0 {
		b.WriteString("\nLeft out:\n\n")
		for _, name := range slices.Sorted(maps.Keys(f.LeftOut)) {
			fmt.Fprintf(&b, "- %s: %s\n", name, f.LeftOut[name])
		}
	}
	return b.String()
}

func (r Row) peer(name string) Peer {
	return r.Peers[slices.IndexFunc(r.Peers, func(p Peer) bool { return p.Name == name })]
}

// bound is one kind of limit.
type bound struct {
	need float64
	unit string // of need
	of   string
}

func (l Limit) each() []bound {
	return slices.DeleteFunc([]bound{
		{l.Operations, "op", "of float32"}, {l.Bytes, "B", "from memory"}, {l.Disk, "B", "from disk"},
	}, func(b bound) bool { return b.need == 0 })
}

// limit is what the limit that binds most would give, and which one that is.
func (f File) limit(r Row) string {
	if r.Limit == nil || r.Unit == Percent {
		return ""
	}
	most, text := 0., ""
	rates := f.Rates.each()
	for _, need := range r.Limit.each() {
		i := slices.IndexFunc(rates, func(b bound) bool { return b.of == need.of })
		if i < 0 {
			continue
		}
		if seconds := need.need / rates[i].need; seconds > most {
			most = seconds
			least := seconds / r.Unit.seconds()
			if r.Unit == PerSecond {
				least = 1 / seconds
			}
			text = fmt.Sprintf("%s: %s %s", number(least, r.Unit), amount(need.need, need.unit), need.of)
		}
	}
	return text
}

func number(v float64, u Unit) string {
	if u == PerSecond || u == Percent {
		return significant(v) + " " + strings.Replace(string(u), "/s", "a second", 1)
	}
	return significant(v) + " " + string(u)
}

// significant has three digits, and of larger numbers all before the point.
func significant(v float64) string {
	if v == 0 || !finite(v) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	return strconv.FormatFloat(v, 'f', max(0, digits), 64)
}

// amount is a number with the prefix of its size.
func amount(v float64, unit string) string {
	for _, prefix := range []string{"", "k", "M", "G"} {
		if v < 1000 {
			return significant(v) + " " + prefix + unit
		}
		v /= 1000
	}
	return significant(v) + " T" + unit
}

func rate(v float64, unit string) string { return amount(v, unit) + "/s" }
