//go:build !linux

package runtime

// preloadCUDA has nothing to do: Windows looks beside the library itself.
func preloadCUDA(string) error { return nil }
