package akin

import "github.com/akin-search/akin/api"

// Address asks for what looks like the picture at an http(s) address, and never takes it
// for a file or a name. Options.PublicOnly keeps it from addresses of one's own network.
func Address(address string) api.Query {
	return api.Address(address)
}

// Indexed asks for what looks like an indexed picture. Unlike Like it never takes the name
// for a file or an address, so that the name may come from anyone.
func Indexed(name string) api.Query {
	return api.Indexed(name)
}

// Like asks for what looks like a picture: the name of an indexed one, a file,
// or an http(s) address. A name is tried first unless it looks like a path.
func Like(picture string) api.Query {
	return api.Like(picture)
}

// LikeBytes asks for what looks like an encoded picture; name appears in
// results and errors.
func LikeBytes(name string, data []byte) api.Query {
	return api.LikeBytes(name, data)
}

// MeanOf asks for what looks like the mean of indexed pictures. Those that the collection does not have count for
// nothing. They are no hits themselves, unless a search includes what was queried.
func MeanOf(names ...string) api.Query {
	return api.MeanOf(names...)
}

// Text asks for what words describe.
func Text(words string) api.Query {
	return api.Text(words)
}
