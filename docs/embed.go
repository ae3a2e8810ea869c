// Package docs holds the documentation, which `akin serve` shows under help/.
package docs

import "embed"

// Files are the pages and their pictures, by their paths in this folder.
//
//go:embed *.md explanation how-to images reference tutorials
var Files embed.FS
