package checkpoint_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
	"github.com/akin-search/akin/internal/checkpoint"
)

const weight = "\x58\x01\x00\x00\x00w" // the text "w"

// A pickle that runs a program when Python loads it: what it makes is passed over, and nothing runs.
func TestNothingInAPickleIsRun(t *testing.T) {
	t.Parallel()
	ran := filepath.Join(t.TempDir(), "ran")
	shell := text("touch " + ran)
	state := text("state_dict") + "}" + weight + tensor("0", 4, 0, 4, 1) + "s"
	for why, call := range map[string]string{
		"a function":                           "cposix\nsystem\n(" + shell + "tR",
		"by its name on the stack":             text("os") + text("system") + "\x93" + shell + "\x85R",
		"a class":                              "csubprocess\nPopen\n(" + shell + "t\x81",
		"a class, with arguments by name":      "csubprocess\nPopen\n)" + "}" + text("args") + shell + "s\x92",
		"a method of what was returned":        "c__builtin__\ngetattr\n(cos\nenviron\n" + text("pop") + "tR(" + shell + "tR",
		"exec in a state that is set":          "ctorch.nn.modules.module\nModule\n)\x81}" + text("forward") + "cposix\nsystem\n" + shell + "\x85RsbX\x01\x00\x00\x00x0",
		"a module of TorchScript with a state": "c__torch__\nNet\n)\x81}" + text("x") + "cposix\nsystem\n" + shell + "\x85Rsb",
		"in a tensor's hooks":                  "ctorch._utils\n_rebuild_tensor_v2\n(" + "cposix\nsystem\n" + shell + "\x85R" + "K\x00)))tR",
		"as a tensor of another class":         "ctorch._tensor\n_rebuild_from_type_v2\n(cposix\nsystem\ncposix\nsystem\n" + shell + "\x85NtR",
	} {
		program := pickle("}", "(", state, text("evil"), call, "u")
		c, err := open(t, archive(t, program, make([]byte, 16), zip.Store))
		if err != nil || fmt.Sprint(c.Names()) != "[w]" {
			t.Errorf("%s: %v", why, err)
		}
		if _, err := os.Stat(ran); err == nil {
			t.Fatalf("%s: it ran", why)
		}
	}
}

// What is no tensor of a state dict, where one is expected.
func TestOnlyTensorsOfAStateDictCount(t *testing.T) {
	t.Parallel()
	w := weight + tensor("0", 4, 0, 4, 1)
	for _, c := range []struct{ why, program, want string }{
		{"a call instead of a dict", pickle("cposix\nsystem\n", text("x"), "\x85R"), "posix.system"},
		{"a call instead of the state", pickle("}", text("model"), "cnet\nNet\n)\x81", "s"), "net.Net"},
		{"tensors of a class that is a dict", pickle("ccollections\ndefaultdict\n)R", w, "s"), "collections.defaultdict"},
		{"tensors of an optimizer", pickle("}", text("optimizer"), "}", w, "s", "s"), "no tensor in a state dict"},
		{"tensors in a list", pickle("}", text("model"), "]", tensor("0", 4, 0, 4, 1), "a", "s"), "a list of 1"},
		{"a dict that holds itself", pickle("}q\x01", text("state_dict"), "h\x01", "s"), "state_dict"},
		{"two dicts that hold each other", pickle("}q\x01", text("model"), "}", text("model"), "h\x01", "s", "s"), "model"},
		{"a tensor twice", pickle("}", w, "s", w, "s"), "two tensors are called"},
		{"a network that holds itself", pickle("c__torch__\nNet\n)\x81q\x01}", text("x"), "h\x01sb"), "hold themselves"},
		{"two attributes of one name", pickle("c__torch__\nNet\n)\x81}", w, "s", w, "sb"), "two attributes"},
		{"a TorchScript object without a state", pickle("c__torch__\nNet\n)\x81"), "frozen"},
		{"a TorchScript object whose state is a tuple", pickle("c__torch__\nNet\n)\x81)b"), "frozen"},
		{"a class that only begins like TorchScript's", pickle("c__torch__x\nNet\n)\x81}", w, "sb"), "not a state dict"},
		{"a storage of two types", pickle("}", weight, "((", text("storage"), "ctorch\nHalfStorage\n", text("0"), text("cpu"), "K\x04tQt0", tensor("0", 4, 0, 4, 1), "s"), "of float16 and of float32"},
		{"a tensor of 17 axes", pickle("}", weight, "ctorch._utils\n_rebuild_tensor_v2\n((", text("storage"), "ctorch\nFloatStorage\n", text("0"), text("cpu"), "K\x04tQK\x00(", strings.Repeat("K\x01", 17), "t(", strings.Repeat("K\x01", 17), "ttRs"), "strange"},
		{"a negative shape", pickle("}", weight, "ctorch._utils\n_rebuild_tensor_v2\n((", text("storage"), "ctorch\nFloatStorage\n", text("0"), text("cpu"), "K\x04tQK\x00J\xff\xff\xff\xff\x85K\x01\x85tRs"), "shape"},
		{"a shape that overflows", pickle("}", weight, "ctorch._utils\n_rebuild_tensor_v2\n((", text("storage"), "ctorch\nFloatStorage\n", text("0"), text("cpu"), "K\x04tQK\x00",
			"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x40\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x40\x86\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x40K\x01\x86tRs"), "shape"},
		{"an integer of megabytes", pickle("\x8b\x00\x00\x10\x00"), "an integer of 1048576 bytes"},
		{"a class with a long name", pickle(text(strings.Repeat("x", 300)), text("y"), "\x93"), "a class whose name has 301 bytes"},
		{"bytes behind the end", pickle("\x8e\xff\xff\xff\x02\x00\x00\x00\x00"), "unexpected EOF"},
		{"bytes without end", pickle("\x8e\xff\xff\xff\xff\xff\xff\xff\xff"), "bytes"},
		{"a buffer outside of the pickle", pickle("\x97"), "opcode 0x97"},
		{"an extension", pickle("\x82\x01"), "opcode 0x82"},
	} {
		_, err := open(t, archive(t, c.program, make([]byte, 16), zip.Store))
		if !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 2000 {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

// What real trainers' dicts look like beside those that torch.zip has.
func TestStatesUnderOtherKeys(t *testing.T) {
	t.Parallel()
	w := func(name string) string { return text(name) + tensor("0", 4, 0, 4, 1) + "s" }
	for _, c := range []struct{ why, program, want string }{
		{"settings under a key of weights", pickle("}", text("model"), "}", text("name"), text("vit"), "ss", w("conv1.weight")), "[conv1.weight]"},
		{"None for the averaged weights", pickle("}", text("model_ema"), "Ns", text("model"), "}", w("a"), "s"), "[a]"},
		{"a prefix that not all have", pickle("}", w("module.a"), w("b")), "[b module.a]"},
		{"a prefix that is all of a name", pickle("}", w("module."), w("module.b")), "[module. module.b]"},
		{"two wrappers", pickle("}", w("module._orig_mod.module.a")), "[a]"},
		{"the weights under a key beside tensors", pickle("}", text("state_dict"), "}", w("a"), "s", w("queue")), "[a]"},
		{"an enumeration's value in a TorchScript program", pickle("c__torch__\nNet\n)\x81}", text("format"), "c__torch__\nFormat\n", text("NCHW"), "Rs", w("a"), "b"), "[a]"},
		{"names that are no texts", pickle("}", w("a"), "K\x01", tensor("0", 4, 0, 4, 1), "s"), "[a]"},
		{"Python 2's OrderedDict", pickle("ccollections\nOrderedDict\n(](]U\x01wa", tensor("0", 4, 0, 4, 1), "aetR"), "[w]"},
		{"a tensor whose type no network has", pickle("}", w("a"), text("b"), "ctorch._utils\n_rebuild_tensor_v2\n((", text("storage"), "ctorch\nQInt8Storage\n", text("9"), text("cpu"), "K\x04tQK\x00K\x04\x85K\x01\x85tRs"), "[a]"},
	} {
		got, err := open(t, archive(t, c.program, make([]byte, 16), zip.Store))
		if err != nil || fmt.Sprint(got.Names()) != c.want {
			t.Errorf("%s: %v, want %s", c.why, err, c.want)
			if err == nil {
				t.Error(got.Names())
			}
		}
	}
}

// Values that are shared are walked through once for each name that they have; those are bounded. Not
// parallel: memory is measured.
func TestAFewBytesCannotBecomeMuch(t *testing.T) {
	// 2^60 paths lead to one tensor: each module has the one before it twice.
	paths := "c__torch__\nNet\nq\x02)\x81}" + weight + tensor("0", 4, 0, 4, 1) + "sbq\x00"
	for range 60 {
		paths += "h\x02)\x81}(" + text("a") + "h\x00" + text("b") + "h\x00ubq\x00"
	}
	empty := strings.Replace(paths, weight+tensor("0", 4, 0, 4, 1)+"s", "", 1)
	long := "c__torch__\nNet\nq\x02)\x81}" + weight + tensor("0", 4, 0, 4, 1) + "sbq\x00" + text(strings.Repeat("x", 4000)) + "q\x03" + text(strings.Repeat("y", 4000)) + "q\x04"
	for range 60 {
		long += "h\x02)\x81}(h\x03h\x00h\x04h\x00ubq\x00"
	}
	const million = 1 << 20
	var keys bytes.Buffer
	for i := range million + 1 {
		fmt.Fprintf(&keys, "U\x07%07xh\x05", i)
	}
	entries := map[string]string{
		"paths to one tensor":              pickle(paths),
		"paths to nothing":                 pickle(empty),
		"paths of long names":              pickle(long),
		"a million tensors and one":        pickle(tensor("0", 4, 0, 4, 1) + "q\x050}(" + keys.String() + "u"),
		"a long list that is used again":   pickle("](" + strings.Repeat("N", 100_000) + "eq\x00" + "ccollections\nOrderedDict\nq\x01" + strings.Repeat("h\x01h\x00\x85R0", 200_000)),
		"a class's name that is long":      pickle(text(strings.Repeat("x", 250)) + "q\x00" + strings.Repeat("h\x00h\x00\x93", 300_000)),
		"objects of objects":               pickle("cx\ny\n" + strings.Repeat(")R", 3_000_000)),
		"a hundred thousand dicts in each": pickle(strings.Repeat("}"+text("model"), 100_000) + "N" + strings.Repeat("s", 100_000)),
		"tuples in tuples":                 pickle(doubled(1_000_000)),
	}
	for why, program := range entries {
		file := archive(t, program, make([]byte, 16), zip.Store)
		t.Run(why, func(t *testing.T) {
			bounded.Run(t, 650<<20, 20*time.Second, func() {
				if _, err := open(t, file); !errors.Is(err, checkpoint.ErrCorrupt) || len(err.Error()) > 2000 {
					t.Errorf("%s: %v", why, err)
				}
			})
		})
	}
}

// archiveOf is a zip file of entries in their order.
func archiveOf(t testing.TB, method uint16, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: entries[i], Method: method})
		if err == nil {
			_, err = w.Write([]byte(entries[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Not parallel: memory is measured.
func TestHostileArchivesAreRefusedInLittleMemory(t *testing.T) {
	good := pickle("}", weight, tensor("0", 4, 0, 4, 1), "s")
	floats := string(make([]byte, 16))
	bomb := strings.Repeat("\x00", 60<<20)
	for _, c := range []struct {
		why  string
		file []byte
		want string
	}{
		{"a pickle that is a zip bomb", archiveOf(t, zip.Deflate, "m/data.pkl", bomb, "m/data/0", floats), "compressed"},
		{"weights that are one", append(archiveOf(t, zip.Store, "m/data.pkl", good), archiveOf(t, zip.Deflate, "m/data.pkl", good, "m/data/0", bomb)...), "compressed"},
		{"two networks", archiveOf(t, zip.Store, "a/data.pkl", good, "b/data.pkl", good, "a/data/0", floats), "two networks"},
		{"one entry twice", archiveOf(t, zip.Store, "m/data.pkl", good, "m/data/0", floats, "m/data/0", floats), "two entries"},
		{"a key that leads elsewhere", archiveOf(t, zip.Store, "m/data.pkl", pickle("}", weight, tensor("../data/0", 4, 0, 4, 1), "s"), "m/data/0", floats), "is missing"},
		{"a key with a root", archiveOf(t, zip.Store, "m/data.pkl", pickle("}", weight, tensor("/etc/passwd", 4, 0, 4, 1), "s"), "m/data/0", floats), "is missing"},
		{"a big machine's bytes", archiveOf(t, zip.Store, "m/data.pkl", good, "m/data/0", floats, "m/byteorder", "big"), "byte order"},
		{"a pickle further down only", archiveOf(t, zip.Store, "m/extra/data.pkl", good, "m/data/0", floats), "without data.pkl"},
		{"a hundred thousand entries", archiveOf(t, zip.Store, manyEntries(100_000)...), "without data.pkl"},
	} {
		bounded.Run(t, 300<<20, 10*time.Second, func() {
			if _, err := open(t, c.file); !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", c.why, err)
			}
		})
	}
}

func manyEntries(n int) []string {
	entries := make([]string, 0, 2*n)
	for i := range n {
		entries = append(entries, fmt.Sprintf("m/data/%d", i), "")
	}
	return entries
}
