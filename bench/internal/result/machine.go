package result

import (
	"cmp"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Machine is what decides how fast a machine is. It has no host's name: virtual machines change theirs, and
// results are published.
type Machine struct {
	Processor string   `json:"processor"` // as its maker calls it
	Cores     int      `json:"cores"`
	Features  []string `json:"features,omitempty"` // instructions that kernels are chosen by
	Memory    int64    `json:"memory_bytes,omitempty"`
	System    string   `json:"system"` // linux/amd64
}

// kernelFeatures are the instructions for which vector kernels exist, as Linux calls them.
var kernelFeatures = []string{
	"avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_int8",
	"asimddp", "i8mm", "bf16", "sve",
}

// ThisMachine describes the machine that the program runs on.
func ThisMachine() Machine {
	info, _ := os.ReadFile("/proc/cpuinfo") // elsewhere than on Linux, Go's names have to do
	memory, _ := os.ReadFile("/proc/meminfo")
	m := Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH}
	m.Processor = cmp.Or(field(info, "model name"), runtime.GOARCH)
	flags := strings.Fields(cmp.Or(field(info, "flags"), field(info, "Features")))
	for _, f := range kernelFeatures {
		if slices.Contains(flags, f) {
			m.Features = append(m.Features, f)
		}
	}
	kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(field(memory, "MemTotal"), " kB"), 10, 64)
	m.Memory = kilobytes << 10
	return m
}

// field is the first value of that name in a file of "name : value" lines.
func field(file []byte, name string) string {
	for line := range strings.Lines(string(file)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// Name is the machine's part of the name of a file: processor, cores and the widest instructions, because a
// virtual machine may hide some of a processor's from one day to the next.
func (m Machine) Name() string {
	words := m.Processor + " " + strconv.Itoa(m.Cores) + " cores"
	if len(m.Features) > 0 {
		words += " " + strings.ReplaceAll(m.Features[len(m.Features)-1], "_", "")
	}
	words = strings.NewReplacer("(R)", "", "(TM)", "", "(r)", "", "(tm)", "").Replace(words)
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(words), "-"), "-")
}
