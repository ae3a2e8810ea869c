package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/internal/server"
)

// tokenFile is where the token of `akin serve` is kept that nobody chose.
func tokenFile() (string, error) {
	dir, err := userHome().Data()
	return filepath.Join(dir, "serve-token"), err
}

// ownToken gives this user's token: the same each time, so that a page that is open and a
// bookmark go on working when the server is started again. Where it cannot be kept, a new one
// is as good for as long as the server runs.
func ownToken() string {
	path, err := tokenFile()
	if err != nil {
		return server.NewToken()
	}
	if token, err := readToken(path); err == nil {
		return token
	}
	token := server.NewToken()
	_ = keepToken(path, token)
	return token
}

// readToken reads a token that nobody else can have read or written.
func readToken(path string) (string, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > 4096 || !isPrivate(info) {
		return "", fmt.Errorf("%s is not this user's alone", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(data))
	return token, server.CheckToken(token)
}

func keepToken(path, token string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".token-*") // which only this user reads
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it was renamed
	_, err = f.WriteString(token + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
