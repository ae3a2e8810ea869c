package hub

// SyncEvery makes a part be synced more often than every 16 MB.
func (h *Hub) SyncEvery(bytes int64) { h.syncBytes = bytes }

// SetFree sets what every disk has free.
func (h *Hub) SetFree(bytes int64) { h.free = func(string) (int64, bool) { return bytes, true } }
