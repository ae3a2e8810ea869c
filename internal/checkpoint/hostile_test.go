package checkpoint_test

import (
	"archive/zip"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
	"github.com/akin-search/akin/internal/checkpoint"
)

// doubled is a value of n tuples of two, each of which is the one before twice: 2^n values
// for whoever walks through it.
func doubled(n int) string {
	return "K\x01" + strings.Repeat("q\x00h\x00\x86", n)
}

// Wherever a file can be wrong, its own values are in the error: cut, and not walked through. Not
// parallel: memory is measured.
func TestErrorsAreShortWhateverAPickleHolds(t *testing.T) {
	const magic = "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
	const version = "\x80\x02M\xe9\x03."
	system := "\x80\x02}" + text("little_endian") + "\x88s."
	long := strings.Repeat("x", 1<<20)
	for _, c := range []struct{ why, file string }{
		{"a version that is no number", magic + pickle(doubled(60))},
		{"a long version", magic + pickle(text(long))},
		{"a state that is none", magic + version + system + pickle(doubled(60))},
		{"a storage's key", magic + version + system + pickle("}", text("w"), tensor("0", 4, 0, 4, 1), "s") + pickle("]", doubled(60), "a")},
		{"a storage's class", string(archive(t, pickle("}", text("w"), "("+text("storage")+doubled(60)+text("0")+text("cpu")+"K\x04tQs"), make([]byte, 16), zip.Store))},
		{"a storage's key in the zip form", string(archive(t, pickle("}", text("w"), tensor(long, 4, 0, 4, 1), "s"), make([]byte, 16), zip.Store))},
		{"a tensor's name", string(archive(t, pickle("}", text(long), tensor("1", 4, 0, 4, 1), "s"), make([]byte, 16), zip.Store))},
		{"an import", string(archive(t, pickle(text(long), text("x"), "\x93"), make([]byte, 16), zip.Store))},
		{"safetensors' type", string(safetensors(`{"a":{"dtype":"`+long+`","shape":[2],"data_offsets":[0,8]}}`, 8))},
		{"safetensors' shape", string(safetensors(`{"a":{"dtype":"F32","shape":[`+strings.Repeat("1,", 1<<18)+`-1],"data_offsets":[0,8]}}`, 8))},
		{"safetensors' name", string(safetensors(`{"`+long+`":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}`, 8))},
	} {
		bounded.Run(t, 64<<20, 5*time.Second, func() {
			_, err := open(t, []byte(c.file))
			if !errors.Is(err, checkpoint.ErrCorrupt) || len(err.Error()) > 2000 {
				t.Errorf("%s: an error of %d bytes, %.200v", c.why, len(err.Error()), err)
			}
		})
	}
}

// Each byte of a pickle makes a value, or stores one.
func TestAPickleTakesBoundedMemory(t *testing.T) {
	const n = 40 << 20
	for why, program := range map[string]string{
		"values without end":     strings.Repeat("N", n),
		"values that are stored": "N" + strings.Repeat("\x94", n),
		"values out of the memo": "Nq\x00" + strings.Repeat("h\x00", n/2),
		"lists in lists":         "]q\x00" + strings.Repeat("]a", n/2),
		"a list that grows":      "]" + strings.Repeat("Na", n/2),
	} {
		file := archive(t, pickle(program), make([]byte, 16), zip.Store)
		bounded.Run(t, 1200<<20, 20*time.Second, func() {
			if _, err := open(t, file); !errors.Is(err, checkpoint.ErrCorrupt) {
				t.Errorf("%s: %v", why, err)
			}
		})
	}
}
