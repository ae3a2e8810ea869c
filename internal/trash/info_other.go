//go:build darwin || windows

package trash

// remember and remembered have nothing to do: the trash here keeps no notes, and a Move has no Info.
func (m *Move) remember() error           { return nil }
func (m *Move) remembered() (bool, error) { return false, nil }
