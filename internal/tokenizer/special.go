package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// readSpecials reads special_tokens_map.json and tokenizer_config.json of a checkpoint's folder, where they are; the
// latter wins.
func readSpecials(dir string, into any) error {
	for _, name := range []string{"special_tokens_map.json", "tokenizer_config.json"} {
		path := filepath.Join(dir, name)
		data, err := readSmall(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := json.Unmarshal(data, into); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// specialName is a token's name: a text, or an object whose content it is.
type specialName string

func (n *specialName) UnmarshalJSON(data []byte) error {
	var object struct{ Content string }
	if json.Unmarshal(data, &object) == nil {
		*n = specialName(object.Content)
		return nil
	}
	return json.Unmarshal(data, (*string)(n))
}

func (n specialName) or(usual string) string {
	if n == "" {
		return usual
	}
	return string(n)
}
