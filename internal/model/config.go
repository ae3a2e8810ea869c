package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// configLimit is more than any config has.
const configLimit = 16 << 20

// readerOf reads the JSON files of a checkpoint's folder.
func readerOf(dir string) reader {
	return func(name string) ([]byte, error) { return readJSON(dir, name) }
}

func readJSON(dir, name string) ([]byte, error) {
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return []byte("{}"), nil
	}
	if err == nil && info.Size() > configLimit {
		err = fmt.Errorf("it has %d bytes", info.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("its %s: %w", name, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("its %s: %w", name, err)
	}
	return data, nil
}

// unmarshal is json.Unmarshal for files that people write: its errors name the field, and no type of Go's.
func unmarshal(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	e, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	is, number := strings.CutPrefix(e.Value, "number ")
	if !number {
		is = map[string]string{"string": "a text", "array": "a list", "object": "an object", "number": "a number", "bool": "true or false"}[e.Value]
		if is == "" {
			is = e.Value
		}
	}
	field := e.Field
	if field == "" {
		field = "the whole of it"
	}
	return fmt.Errorf("%.100s is %.100s, not %s", field, is, kindOf(e.Type))
}

// kindOf says what JSON has for a type.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "a whole number within limits"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Pointer:
		return kindOf(t.Elem())
	}
	return "an object"
}
