package tokenizer

// Letter is what stands for a byte in CLIP's vocabularies.
func Letter(b byte) rune { return letters[b] }
