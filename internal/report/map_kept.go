package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight/layout"
)

// The clusters of a map are stored beside its positions, in DIR/maps/KEY-KEY.clusters: a magic number, the stamp of
// what they were found in, the clusters (the key of the central node, and the words), the cluster of each node, and the
// SHA-256 of all that. Finding them takes far longer than reading them. A file whose stamp is of another state says
// where the pictures that are still there belonged.
var clustersMagic = [8]byte{'a', 'k', 'i', 'n', 'c', 'l', 'u', 1}

// keptClusters are the clusters of a map as they were stored.
type keptClusters struct {
	stamp  [sha256.Size]byte
	named  []namedCluster   // the largest first
	labels map[mapKey]int32 // of each node, from 1; 0 is none
}

type namedCluster struct {
	center mapKey
	words  string
}

const labelBytes = 1 << 10 // of the words of a cluster

// stamp identifies all that clusters depend on: nodes in their order, how many pictures each is, positions, and options.
func (m *mapping) stamp(points []layout.Point, minCluster int, n namer) [sha256.Size]byte {
	count := make([]uint32, len(m.keys))
	for _, p := range m.pictures {
		count[p.node]++
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d %q %q\n", minCluster, n.words, n.fingerprint())
	var record []byte
	for i, key := range m.keys {
		record, _ = binary.Append(append(record[:0], key[:]...), binary.LittleEndian, points[i])
		h.Write(binary.LittleEndian.AppendUint32(record, count[i]))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// readClusters returns the stored clusters; nil if the file is missing or damaged.
func readClusters(path string) *keptClusters {
	data, err := disk.Read(path)
	if err != nil || len(data) < len(clustersMagic)+2*sha256.Size+8 || !bytes.HasPrefix(data, clustersMagic[:]) {
		return nil
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
		return nil
	}
	r := bytes.NewReader(body[len(clustersMagic):])
	k := &keptClusters{labels: map[mapKey]int32{}}
	var clusters, nodes uint32
	read := func(to any) bool { return binary.Read(r, binary.LittleEndian, to) == nil }
	if !read(&k.stamp) || !read(&clusters) || !read(&nodes) || int64(clusters)*18+int64(nodes)*20 > int64(r.Len()) {
		return nil
	}
	k.named = make([]namedCluster, clusters)
	for i := range k.named {
		var length uint16
		if !read(&k.named[i].center) || !read(&length) || length > labelBytes {
			return nil
		}
		words := make([]byte, length)
		if _, err := io.ReadFull(r, words); err != nil {
			return nil
		}
		k.named[i].words = string(words)
	}
	records := make([]clusterRecord, nodes)
	if !read(records) || r.Len() > 0 {
		return nil
	}
	for _, one := range records {
		if one.Cluster < 0 || int(one.Cluster) > len(k.named) {
			return nil
		}
		k.labels[one.Key] = one.Cluster
	}
	return k
}

type clusterRecord struct {
	Key     mapKey
	Cluster int32
}

// writeClusters replaces the stored clusters. Readers see the old or the new ones.
func (m *mapping) writeClusters(path string, stamp [sha256.Size]byte, out *api.Map, centers []int) error {
	data := append(clustersMagic[:len(clustersMagic):len(clustersMagic)], stamp[:]...)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(out.Clusters)))
	data = binary.LittleEndian.AppendUint32(data, uint32(len(m.keys)))
	for i, c := range out.Clusters {
		words := c.Words[:min(len(c.Words), labelBytes)]
		data = append(data, m.keys[centers[i]][:]...)
		data = binary.LittleEndian.AppendUint16(data, uint16(len(words)))
		data = append(data, words...)
	}
	records := make([]clusterRecord, len(m.keys))
	for i, key := range m.keys {
		records[i].Key = key
	}
	for i, p := range m.pictures {
		records[p.node].Cluster = int32(out.Pictures[i].Cluster)
	}
	data, err := binary.Append(data, binary.LittleEndian, records)
	if err != nil {
		return err
	}
	return replaceIn(path, data)
}
