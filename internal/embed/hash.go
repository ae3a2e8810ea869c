package embed

import (
	"crypto/sha256"
	"encoding/hex"
)

func HashOf(data []byte) Hash { return sha256.Sum256(data) }

func HashString(data []byte) string {
	h := HashOf(data)
	return hex.EncodeToString(h[:])
}
