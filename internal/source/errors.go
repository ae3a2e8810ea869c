package source

import "fmt"

// ColumnError says that the column of paths in a list cannot be determined: Options.Columns must name it.
type ColumnError struct {
	Reason string
	Column string // a title or number that would do
}

func (e *ColumnError) Error() string { return e.Reason }

// UnsampledError says that a file has frames or pages, of which Options asks for none.
type UnsampledError struct {
	Kind    string // "film"
	Members string // "frames"
}

func (e *UnsampledError) Error() string {
	return fmt.Sprintf("it is a %s, and no %s were asked for", e.Kind, e.Members)
}

// WatchError says that the file system cannot report changes: Watch needs an interval.
type WatchError struct {
	Path string // "" means all
	Err  error
}

func (e *WatchError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("watch: %v", e.Err)
	}
	return fmt.Sprintf("watch %s: %v", e.Path, e.Err)
}
func (e *WatchError) Unwrap() error { return e.Err }
