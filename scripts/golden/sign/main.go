// Command sign signs reference files of models.
//
//	go run ./scripts/golden/sign -new KEY           writes a private key to KEY, and its public key to KEY.pub
//	go run ./scripts/golden/sign -key KEY FILE…     signs files, in place of the signatures that they have
//
// Keys are Ed25519's in PEM, as openssl reads and writes them.
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/reference"
)

func main() {
	made := flag.String("new", "", "write a new private key to this `file`")
	key := flag.String("key", "", "sign with the private key in this `file`")
	flag.Parse()
	if err := run(*made, *key, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "sign:", err)
		os.Exit(1)
	}
}

func run(made, key string, files []string) error {
	switch {
	case made != "" && key == "" && len(files) == 0:
		return makeKey(made)
	case made == "" && key != "" && len(files) > 0:
		return sign(key, files)
	}
	flag.Usage()
	return errors.New("either -new KEY, or -key KEY and files")
}

func makeKey(path string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	open, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // never over another key
	if err != nil {
		return err
	}
	if err := errors.Join(pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: secret}), f.Close()); err != nil {
		return err
	}
	if err := disk.Replace(path+".pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: open}), 0o666); err != nil {
		return err
	}
	fmt.Println(reference.Signer(public))
	return nil
}

func sign(path string, files []string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return fmt.Errorf("%s has no PEM block", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return fmt.Errorf("%s is not a key of Ed25519", path)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		signed, err := reference.Sign(data, private)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := disk.Replace(file, signed, 0o666); err != nil {
			return err
		}
	}
	return nil
}
