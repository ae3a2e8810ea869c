package picture

// Cost is how many bytes Decode holds at most for a file that Inspect gave info for, with the file
// itself: the picture, a second one where it is turned upright, and what the decoder needs beside.
func Cost(data []byte, info Info) int64 {
	pixel := int64(4) // colour and alpha
	if info.Orientation > 1 {
		pixel += 4
	}
	switch info.Format {
	case "jpeg":
		pixel += 4 // the components
		if progressiveJPEG(data) {
			pixel += 8 // 16 bits for each coefficient
		}
	case "webp", "heic", "avif", "svg": // whole pictures of other kinds come from libraries
		pixel += 8
	case "tiff": // tiles that are JPEG files
		pixel += 8
	}
	return int64(len(data)) + pixel*int64(info.Width)*int64(info.Height)
}

func progressiveJPEG(data []byte) bool {
	h, err := readJPEGHeader(&source{data: data, format: "jpeg"})
	return err != nil || h.progressive
}
