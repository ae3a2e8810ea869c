package tokenizer

import "strings"

// CanonicalGemma is the tokenizer of SigLIP 2 in open_clip: Gemma's, of texts that were repaired before, in small letters
// and without punctuation (HFTokenizer of open_clip_torch 3.3.0 with clean "canonicalize"). It is safe for concurrent use.
type CanonicalGemma struct{ gemma *Gemma }

// OpenCanonicalGemma reads the file that OpenGemma reads.
func OpenCanonicalGemma(dir string) (*CanonicalGemma, error) {
	gemma, err := OpenGemma(dir)
	if err != nil {
		return nil, err
	}
	return &CanonicalGemma{gemma}, nil
}

// Encode is as Gemma's.
func (t *CanonicalGemma) Encode(text string, limit int) ([]int64, error) {
	text, err := clean(text)
	if err != nil {
		return nil, err
	}
	text = withoutPunctuation(strings.ReplaceAll(text, "_", " "))
	return t.gemma.Encode(oneSpaced(lowerOfPython(text)), limit)
}
