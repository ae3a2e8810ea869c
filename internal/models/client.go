package models

import "github.com/akin-search/akin/internal/source"

// NewClient returns a client that fetches addresses as the options allow.
func NewClient(o Options) *source.Client {
	c := &source.Client{}
	if o.PublicOnly {
		c.HTTP, c.Brief, c.Tries = source.PublicOnly(), true, 1 // someone is waiting
	}
	return c
}
