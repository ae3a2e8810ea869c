package reference

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// A reference file begins with two lines, which its JSON follows:
//
//	akin reference 1
//	unsigned
//
// or, where it is signed, with the signer's public key and the signature, in base64:
//
//	akin reference 1
//	ed25519 KEY SIGNATURE
//
// Signed are the first line and the JSON.
const (
	firstLine = "akin reference 1\n"
	unsigned  = "unsigned"
	scheme    = "ed25519"
)

// ErrSignature says that a file is not what its signer signed, or that another signed it.
var ErrSignature = errors.New("the signature of the reference is wrong")

// Signer is the public key that signed a file; nil is nobody's.
type Signer ed25519.PublicKey

// String returns the first bytes of the key's SHA-256, by which people compare keys.
func (s Signer) String() string {
	if s == nil {
		return ""
	}
	sum := sha256.Sum256(s)
	return hex.EncodeToString(sum[:8])
}

// Require fails unless the file was signed by the holder of a key.
func (f *File) Require(key Signer) error {
	switch {
	case f.Signer == nil:
		return fmt.Errorf("%w: it is not signed", ErrSignature)
	case !ed25519.PublicKey(f.Signer).Equal(ed25519.PublicKey(key)):
		return fmt.Errorf("%w: it was signed with the key %s, not %s", ErrSignature, f.Signer, key)
	}
	return nil
}

// open splits a file, and verifies its signature.
func open(data []byte) (signer Signer, body []byte, err error) {
	rest, ok := bytes.CutPrefix(data, []byte(firstLine))
	line, body, more := bytes.Cut(rest, []byte("\n"))
	if !ok || !more {
		return nil, nil, fmt.Errorf("%w: it does not begin with %q", ErrFormat, strings.TrimSpace(firstLine))
	}
	if string(line) == unsigned {
		return nil, body, nil
	}
	fields := strings.Fields(string(line))
	if len(fields) != 3 || fields[0] != scheme {
		return nil, nil, fmt.Errorf("%w: its second line is neither %q nor a signature", ErrFormat, unsigned)
	}
	key, err := base64Of.DecodeString(fields[1])
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, nil, fmt.Errorf("%w: its key is not one of %s", ErrFormat, scheme)
	}
	signature, err := base64Of.DecodeString(fields[2])
	if err != nil || !ed25519.Verify(key, signed(body), signature) {
		return nil, nil, fmt.Errorf("%w: the file was changed after it was signed", ErrSignature)
	}
	return key, body, nil
}

func signed(body []byte) []byte { return append([]byte(firstLine), body...) }

// Sign returns a reference file with a signature, in place of the one that it has.
func Sign(data []byte, key ed25519.PrivateKey) ([]byte, error) {
	rest, _ := bytes.CutPrefix(data, []byte(firstLine))
	_, body, _ := bytes.Cut(rest, []byte("\n"))
	plain := append([]byte(firstLine+unsigned+"\n"), body...)
	if _, err := Parse(plain); err != nil { // what is wrong is not signed
		return nil, err
	}
	line := fmt.Sprintf("%s %s %s\n", scheme, base64Of.EncodeToString(key.Public().(ed25519.PublicKey)), base64Of.EncodeToString(ed25519.Sign(key, signed(body))))
	return append([]byte(firstLine+line), body...), nil
}

const keyLimit = 1 << 16 // bytes; openssl's file has 113

// ReadKey reads a public key from a PEM file, as openssl's pkey -pubout writes it.
func ReadKey(path string) (Signer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, keyLimit))
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", path, err)
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, fmt.Errorf("read key %s: it has no PEM block PUBLIC KEY", path)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", path, err)
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("read key %s: it is not a key of %s", path, scheme)
	}
	return Signer(public), nil
}
