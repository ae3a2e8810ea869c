package picture

// Cost is how many bytes Decode allocates at most for a file that Inspect returned info for, the file
// itself included: the picture, a second one where it is turned upright, and what the decoder needs.
func Cost(data []byte, info Info) int64 {
	return ReducedCost(data, info, info.Width, info.Height)
}

// ReducedCost is Cost of DecodeReduced, for a size that is enough.
func ReducedCost(data []byte, info Info, width, height int) int64 {
	pixel := int64(4) // colour and alpha
	if info.Orientation > 1 {
		pixel += 4
	}
	pixels := int64(info.Width) * int64(info.Height)
	decoder := int64(0)
	if f := byName[info.Format]; f != nil && f.cost != nil {
		decoder = f.cost(data) * pixels
	}
	if info.Format == "jpeg" {
		scale := jpegScale(info, width, height)
		reduced := int64(divideUp(info.Width, scale)) * int64(divideUp(info.Height, scale))
		if !progressiveJPEG(data) { // of one all coefficients are held, whatever its size
			decoder = decoder / pixels * reduced
		}
		pixels = reduced
	}
	return int64(len(data)) + pixel*pixels + decoder
}

func progressiveJPEG(data []byte) bool {
	h, err := readJPEGHeader(&source{data: data, format: "jpeg"})
	return err != nil || h.progressive
}
