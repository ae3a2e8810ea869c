// Package reference reads and writes reference files: what a model's own program computed of a few
// pictures and texts, small enough to travel with a program. A machine that computes the same has the
// same weights, preprocessing and arithmetic. docs/reference/model-reference.md is the format.
package reference

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// What a file may have. Those of real models have a few pictures in 100 KB.
const (
	limitBytes    = 8 << 20
	limitPictures = 64
	limitTexts    = 1024
	limitWeights  = 1 << 16
	limitDim      = 1 << 20
	limitInput    = 1 << 28 // values of a network's input
)

// Stretches is into how many parts a network's input is divided, of which each gives one value and
// its mean.
const Stretches = 256

// ErrFormat says that a file is no reference file, or one that contradicts itself.
var ErrFormat = errors.New("not a reference file")

// File is what a model's reference implementation computed.
type File struct {
	Model      string `json:"model"`
	Repository string `json:"repository,omitempty"` // on the model hub
	Revision   string `json:"revision,omitempty"`   // commit of the repository
	MadeBy     string `json:"made_by"`              // programs and their versions
	Dim        int    `json:"dim"`
	// Weights are the first 16 bytes, in hexadecimal, of the SHA-256 of each tensor's values, as
	// little-endian float32 in row-major order. A model's tensors are among them. Empty is unknown.
	Weights  []string  `json:"weights,omitempty"`
	Pictures []Picture `json:"pictures"`
	Texts    []Text    `json:"texts,omitempty"`

	Signer Signer `json:"-"`
}

// Picture is an encoded picture, and what became of it.
type Picture struct {
	Name      string `json:"name"`
	Data      []byte `json:"data"` // PNG
	Pixels    Pixels `json:"pixels"`
	Embedding Floats `json:"embedding"`
}

// Pixels describe a network's input of Count values. Its k-th stretch of Count/Stretches values, rounded
// up, begins with Samples[k] and has the mean Means[k]; the last one may be shorter.
type Pixels struct {
	Count   int    `json:"count"`
	Samples Floats `json:"samples"`
	Means   Floats `json:"means"`
}

// Text is a text, the ids of its tokens without what fills them up, and its embedding.
type Text struct {
	Text      string  `json:"text"`
	IDs       []int64 `json:"ids"`
	Embedding Floats  `json:"embedding"`
}

// Floats are written as base64 of little-endian float32.
type Floats []float32

func (f Floats) MarshalJSON() ([]byte, error) {
	data := make([]byte, 0, 4*len(f))
	for _, v := range f {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return json.Marshal(data)
}

func (f *Floats) UnmarshalJSON(text []byte) error {
	var data []byte
	if err := json.Unmarshal(text, &data); err != nil {
		return err
	}
	if len(data)%4 != 0 {
		return fmt.Errorf("%d bytes are not float32", len(data))
	}
	*f = make(Floats, len(data)/4)
	for i := range *f {
		v := math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("value %d is %g", i, v)
		}
		(*f)[i] = v
	}
	return nil
}

// Summarize describes a network's input.
func Summarize(input []float32) Pixels {
	p := Pixels{Count: len(input)}
	for k := 0; k < len(input); k += p.stretch() {
		part := input[k:min(k+p.stretch(), len(input))]
		var sum float64
		for _, v := range part {
			sum += float64(v)
		}
		p.Samples = append(p.Samples, part[0])
		p.Means = append(p.Means, float32(sum/float64(len(part))))
	}
	return p
}

// stretch is how many values a stretch has.
func (p Pixels) stretch() int { return (p.Count + Stretches - 1) / Stretches }

// Largest returns how far the input that p describes is from another's at most, in a sample or a mean; the
// other must have as many values.
func (p Pixels) Largest(other Pixels) float64 {
	var largest float64
	for k := range p.Samples {
		largest = max(largest, math.Abs(float64(p.Samples[k])-float64(other.Samples[k])), math.Abs(float64(p.Means[k])-float64(other.Means[k])))
	}
	if math.IsNaN(largest) || math.IsInf(largest, 0) { // of a preprocessing that divides by almost nothing
		return math.MaxFloat64
	}
	return largest
}

// Open reads the reference file at a path, and verifies its signature, if it has one. Errors: ErrFormat,
// ErrSignature.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read reference: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limitBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read reference %s: %w", path, err)
	}
	r, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read reference %s: %w", path, err)
	}
	return r, nil
}

// Parse reads a reference file, and verifies its signature, if it has one.
func Parse(data []byte) (*File, error) {
	if len(data) > limitBytes {
		return nil, fmt.Errorf("%w: it has more than %d MB", ErrFormat, limitBytes>>20)
	}
	signer, body, err := open(data)
	if err != nil {
		return nil, err
	}
	f := &File{Signer: signer}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: more follows its JSON", ErrFormat)
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return f, nil
}

func (f *File) check() error {
	switch {
	case f.Dim < 1 || f.Dim > limitDim:
		return fmt.Errorf("its embeddings have %d values", f.Dim)
	case len(f.Pictures) == 0 || len(f.Pictures) > limitPictures:
		return fmt.Errorf("it has %d pictures", len(f.Pictures))
	case len(f.Texts) > limitTexts || len(f.Weights) > limitWeights:
		return fmt.Errorf("it has %d texts, and %d tensors", len(f.Texts), len(f.Weights))
	}
	for _, w := range f.Weights {
		if data, err := hex.DecodeString(w); err != nil || len(data) != DigestBytes {
			return fmt.Errorf("%.80q is no digest of a tensor", w)
		}
	}
	for i, p := range f.Pictures {
		if err := p.check(f.Dim); err != nil {
			return fmt.Errorf("picture %d (%.40s): %w", i, p.Name, err)
		}
	}
	for i, t := range f.Texts {
		if len(t.Embedding) != f.Dim {
			return fmt.Errorf("text %d: its embedding has %d values, not %d", i, len(t.Embedding), f.Dim)
		}
	}
	return nil
}

func (p Picture) check(dim int) error {
	if len(p.Embedding) != dim {
		return fmt.Errorf("its embedding has %d values, not %d", len(p.Embedding), dim)
	}
	if p.Pixels.Count < 1 || p.Pixels.Count > limitInput {
		return fmt.Errorf("its input has %d values", p.Pixels.Count)
	}
	stretches := (p.Pixels.Count + p.Pixels.stretch() - 1) / p.Pixels.stretch()
	if len(p.Pixels.Samples) != stretches || len(p.Pixels.Means) != stretches {
		return fmt.Errorf("an input of %d values has %d stretches, not %d samples and %d means", p.Pixels.Count, stretches, len(p.Pixels.Samples), len(p.Pixels.Means))
	}
	return nil
}

// DigestBytes is how much of a tensor's SHA-256 Weights have.
const DigestBytes = 16

// base64Of is how keys and signatures are written.
var base64Of = base64.StdEncoding
