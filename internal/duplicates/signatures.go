package duplicates

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/record"
)

// Signatures are cached in DIR/signatures, for a cluster in the user's cache folder, by the hash of the content.
var signatureFormat = recordFormat{magic: [8]byte{'a', 'k', 'i', 'n', 's', 'i', 'g', 2}, keyBytes: 32, bodyBytes: copies.Bytes}

type signatureFile struct{ *recordFile }

func openSignatures(dir string) (signatureFile, error) {
	r, err := openRecords(dir, "signatures", signatureFormat)
	return signatureFile{r}, err
}

// get returns a content's signature, if it is cached.
func (s signatureFile) get(h record.Hash) (*copies.Signature, bool) {
	body, ok := s.recordFile.get(recordKey(h))
	if !ok {
		return nil, false
	}
	signature, err := copies.Parse(body)
	return signature, err == nil
}

func (s signatureFile) put(h record.Hash, signature *copies.Signature) {
	s.recordFile.put(recordKey(h), signature.AppendTo(make([]byte, 0, copies.Bytes)))
}

// calibrationCache is the file DIR/signatures.calibration: the distances of made copies, for certain
// pictures and one model. It is derived and may be deleted.
type calibrationCache struct {
	path, key string
}

type calibrationFile struct {
	Key    string
	Copies []madeCopies `json:"Trials"`
}

func (f *finder) calibrationCache(sample []int) calibrationCache {
	h := sha256.New()
	fmt.Fprintf(h, "%x %d %s %v\n", signatureFormat.magic, evidence.Version, f.v.Space.Fingerprint, f.network != nil)
	for _, a := range copies.Alterations() { // whoever changes how they are measured changes a name here, the magic number, or the version
		fmt.Fprintln(h, a.Name)
	}
	for _, u := range sample {
		h.Write(f.contents[u].hash[:])
	}
	return calibrationCache{filepath.Join(f.c.DerivedDir, "signatures.calibration"), hex.EncodeToString(h.Sum(nil))}
}

func (k calibrationCache) read() ([]madeCopies, bool) {
	var c calibrationFile
	data, err := disk.Read(k.path)
	if err != nil || json.Unmarshal(data, &c) != nil || c.Key != k.key || len(c.Copies) == 0 {
		return nil, false
	}
	return c.Copies, true
}

// write stores the distances if it can; otherwise they are measured again the next time.
func (k calibrationCache) write(made []madeCopies) {
	data, err := json.Marshal(calibrationFile{k.key, made})
	if err != nil {
		return
	}
	_ = disk.Replace(k.path, data, 0o666)
}
