package hub

import (
	"cmp"
	"errors"
	"fmt"
)

// What callers may act on.
var (
	ErrNotFound = errors.New("the hub does not have it")
	ErrDenied   = errors.New("the hub denies access")
	ErrOffline  = errors.New("not in the cache, and the hub is set offline")
	ErrCorrupt  = errors.New("the hub sent other bytes than it declared")
	ErrNoRanges = errors.New("the server does not serve parts of files")
)

// AccessError is an ErrDenied.
type AccessError struct {
	Status string // of the answer, as "401 Unauthorized"
	Gated  bool   // its licence must be accepted on its page first
	Page   string // address of the repository's page, or ""
	Token  bool   // a token was sent
}

func (e *AccessError) Error() string {
	switch {
	case e.Gated:
		return fmt.Sprintf("%v (%s): its licence must be accepted on %s first", ErrDenied, e.Status, cmp.Or(e.Page, "the hub's page"))
	case e.Token:
		return fmt.Sprintf("%v (%s): the token does not permit it", ErrDenied, e.Status)
	}
	return fmt.Sprintf("%v (%s): it does not exist, or needs a token", ErrDenied, e.Status)
}

// deniedOn says to which repository repository access was denied, if err is that.
func deniedOn(page string, err error) error {
	if e, ok := errors.AsType[*AccessError](err); ok {
		e.Page = page
	}
	return err
}

func (e *AccessError) Is(target error) bool { return target == ErrDenied }

// UnreachableError says that no connection to the hub was possible.
type UnreachableError struct {
	Endpoint string
	Err      error
}

func (e *UnreachableError) Error() string { return fmt.Sprintf("the hub cannot be reached: %v", e.Err) }
func (e *UnreachableError) Unwrap() error { return e.Err }
