package record

import "strings"

// IsAddress reports whether a collection's path is the address of a remote store, as weaviate://host/Name.
func IsAddress(path string) bool { return strings.Contains(path, "://") }
