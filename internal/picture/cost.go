package picture

// Cost is how many bytes Decode allocates at most for a file that Inspect returned info for, the file
// itself included: the picture, a second one where it is turned upright, and what the decoder needs.
func Cost(data []byte, info Info) int64 {
	pixel := int64(4) // colour and alpha
	if info.Orientation > 1 {
		pixel += 4
	}
	if f := byName[info.Format]; f != nil && f.cost != nil {
		pixel += f.cost(data)
	}
	return int64(len(data)) + pixel*int64(info.Width)*int64(info.Height)
}

func progressiveJPEG(data []byte) bool {
	h, err := readJPEGHeader(&source{data: data, format: "jpeg"})
	return err != nil || h.progressive
}
