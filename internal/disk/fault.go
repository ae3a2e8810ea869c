package disk

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// ErrDamaged says that bytes are not as they were written, or cannot be read.
var ErrDamaged = errors.New("the collection is damaged")

// Catch turns the fault of a mapped file that cannot be read, because its disk fails or it was
// cut off meanwhile, into an error that is ErrDamaged, where the system would end the program:
//
//	func f() (err error) {
//		defer disk.Catch(&err)()
//
// It is for the goroutine that calls it alone; others of the same work are started by a Group.
func Catch(err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		switch caught := recover(); {
		case caught == nil:
		case isFault(caught):
			*err = errors.Join(*err, fmt.Errorf("%w: a mapped file cannot be read: its disk fails, or it was truncated", ErrDamaged))
		default:
			panic(caught)
		}
	}
}

// isFault reports whether a panic is of an address that cannot be read: nil, which is a mistake
// of the program, is none.
func isFault(caught any) bool {
	e, ok := caught.(runtime.Error)
	if !ok {
		return false
	}
	_, ok = e.(interface{ Addr() uintptr })
	return ok
}

// Group is a sync.WaitGroup whose goroutines read mapped files: Wait panics with the first fault
// of any of them, for whoever calls it to Catch. The zero value is ready.
type Group struct {
	wait  sync.WaitGroup
	mu    sync.Mutex
	fault any
}

// Go calls f in a goroutine.
func (g *Group) Go(f func()) { g.wait.Go(func() { g.Do(f) }) }

// Do calls f in this goroutine, as one more of the group.
func (g *Group) Do(f func()) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(before)
		caught := recover()
		if caught == nil {
			return
		}
		if !isFault(caught) {
			panic(caught)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.fault = caught
	}()
	f()
}

// Wait waits until all have ended.
func (g *Group) Wait() {
	g.wait.Wait()
	if g.fault != nil {
		panic(g.fault)
	}
}
