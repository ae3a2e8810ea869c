package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/server"
)

// tokenFile returns where `akin serve` stores a token that nobody chose.
func tokenFile(home akin.Home) (string, error) {
	dir, err := home.Data()
	return filepath.Join(dir, "serve-token"), err
}

// ownToken returns this user's token: the same each time, so that open pages and bookmarks
// work after the server is restarted. If it cannot be stored, it is a new one, as good for as
// long as the server runs.
func ownToken(home akin.Home) string {
	path, err := tokenFile(home)
	if err != nil {
		return server.NewToken()
	}
	if token, err := readToken(path); err == nil {
		return token
	}
	token := server.NewToken()
	_ = storeToken(path, token)
	return token
}

// readToken reads a token that only this user can have read or written.
func readToken(path string) (string, error) {
	data, err := readPrivate(path, 4096)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(data))
	return token, server.CheckToken(token)
}

func storeToken(path, token string) error { return writePrivate(path, []byte(token+"\n")) }

// readPrivate reads a file that only this user can have read or written.
func readPrivate(path string, limitBytes int64) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > limitBytes || !isPrivate(info) {
		return nil, fmt.Errorf("%s can be accessed by other users", path)
	}
	return os.ReadFile(path)
}

// writePrivate writes a file that only this user can read.
func writePrivate(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return disk.Replace(path, data, 0o600)
}
