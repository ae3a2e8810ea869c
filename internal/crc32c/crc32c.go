// Package crc32c computes CRC-32C, the checksum of Castagnoli's polynomial as in iSCSI (RFC 3720), by which akin's files
// know that they are damaged. Processors have an instruction for it.
package crc32c

import (
	"hash"
	"hash/crc32"
)

var table = crc32.MakeTable(crc32.Castagnoli)

// Sum returns the checksum of b.
func Sum(b []byte) uint32 { return crc32.Checksum(b, table) }

// Update returns the checksum of what sum is of, followed by b.
func Update(sum uint32, b []byte) uint32 { return crc32.Update(sum, table, b) }

// New returns a hash that computes the checksum of what is written to it.
func New() hash.Hash32 { return crc32.New(table) }
