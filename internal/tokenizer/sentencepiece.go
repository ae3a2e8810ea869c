package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// sentencePieces is a model of SentencePiece (Kudo and Richardson 2018, https://arxiv.org/abs/1808.06226), as its file
// has it: a ModelProto of sentencepiece_model.proto.
type sentencePieces struct {
	pieces   []sentencePiece
	ids      map[string]int64
	unknown  int64 // the id of the piece of that kind
	unigram  bool  // else byte pairs
	fallback bool  // what no piece has becomes pieces of bytes

	chars charsmap
	// How white space is treated: a space before a text, runs and ends of it left out, "▁" written for it, after a word
	// instead of before it.
	dummyPrefix, removeExtra, escape, suffix bool
}

type sentencePiece struct {
	text  string
	score float32
	kind  pieceKind
}

type pieceKind uint8

const (
	normalPiece pieceKind = iota + 1
	unknownPiece
	controlPiece // never found in a text
	userPiece    // always found in a text
	unusedPiece
	bytePiece
)

// pieceLimit is more than any vocabulary has; MetaCLIP 2's has 901629.
const pieceLimit = 1 << 20

var errPieces = errors.New("it is no SentencePiece model")

func parseSentencePieces(data []byte) (*sentencePieces, error) {
	count := 0
	err := fields(data, func(field protowire.Number, _ uint64, _ []byte) error {
		if field == 1 {
			count++
		}
		return nil
	})
	if err == nil && count > pieceLimit {
		err = fmt.Errorf("it has more than %d pieces", pieceLimit)
	}
	if err != nil {
		return nil, err
	}
	m := &sentencePieces{
		pieces: make([]sentencePiece, 0, count), ids: make(map[string]int64, count), unknown: -1,
		unigram: true, dummyPrefix: true, removeExtra: true, escape: true,
	}
	err = fields(data, func(field protowire.Number, number uint64, bytes []byte) error {
		switch field {
		case 1:
			return m.addPiece(bytes)
		case 2:
			return fields(bytes, func(field protowire.Number, number uint64, _ []byte) error {
				switch field {
				case 3:
					if number != 1 && number != 2 {
						return fmt.Errorf("its model_type is %d; akin knows 1 (unigram) and 2 (byte pairs)", number)
					}
					m.unigram = number == 1
				case 24:
					m.suffix = number != 0
				case 35:
					m.fallback = number != 0
				}
				return nil
			})
		case 3:
			return fields(bytes, func(field protowire.Number, number uint64, bytes []byte) (err error) {
				switch field {
				case 2:
					m.chars, err = parseCharsmap(bytes)
				case 3:
					m.dummyPrefix = number != 0
				case 4:
					m.removeExtra = number != 0
				case 5:
					m.escape = number != 0
				}
				return err
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if m.unknown < 0 {
		return nil, fmt.Errorf("%w: no piece stands for the unknown", errPieces)
	}
	return m, nil
}

func (m *sentencePieces) addPiece(data []byte) error {
	p := sentencePiece{kind: normalPiece}
	err := fields(data, func(field protowire.Number, number uint64, bytes []byte) error {
		switch field {
		case 1:
			p.text = string(bytes)
		case 2:
			p.score = math.Float32frombits(uint32(number))
		case 3:
			if number < 1 || number > uint64(bytePiece) {
				return fmt.Errorf("a piece is of kind %d", number)
			}
			p.kind = pieceKind(number)
		}
		return nil
	})
	id := int64(len(m.pieces))
	_, twice := m.ids[p.text]
	switch {
	case err != nil:
		return err
	case p.text == "" || !utf8.ValidString(p.text):
		return fmt.Errorf("%w: piece %d is called %q", errPieces, id, p.text)
	case twice:
		return fmt.Errorf("%w: piece %d is called %.40q, as another is", errPieces, id, p.text)
	case p.score != p.score || math.IsInf(float64(p.score), 0):
		return fmt.Errorf("%w: piece %d has the score %v", errPieces, id, p.score)
	case p.kind == unknownPiece && m.unknown >= 0:
		return fmt.Errorf("%w: two pieces stand for the unknown", errPieces)
	}
	if p.kind == unknownPiece {
		m.unknown = id
	}
	m.pieces = append(m.pieces, p)
	m.ids[p.text] = id
	return nil
}

// fields reads a message of protocol buffers: f gets numbers of any width, or bytes.
func fields(data []byte, f func(field protowire.Number, number uint64, bytes []byte) error) error {
	for len(data) > 0 {
		field, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return fmt.Errorf("%w: %w", errPieces, protowire.ParseError(n))
		}
		data = data[n:]
		var number uint64
		var bytes []byte
		switch kind {
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(data)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(data)
			number = uint64(v)
		case protowire.BytesType:
			bytes, n = protowire.ConsumeBytes(data)
		default:
			n = protowire.ConsumeFieldValue(field, kind, data)
		}
		if n < 0 {
			return fmt.Errorf("%w: %w", errPieces, protowire.ParseError(n))
		}
		data = data[n:]
		if err := f(field, number, bytes); err != nil {
			return err
		}
	}
	return nil
}
