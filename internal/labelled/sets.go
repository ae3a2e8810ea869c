package labelled

import "regexp"

// Licences of pictures, as their packages state them.
const (
	apache   = "Apache-2.0"
	cc0      = "CC0-1.0"
	ccBy     = "CC-BY-4.0"
	ccBySA   = "CC-BY-SA-4.0"
	mit      = "MIT"
	ownRight = "its vendor's own: for use on your machine only"
)

var (
	everyName = regexp.MustCompile(`^[a-z0-9-]+$`)
	twoLetter = regexp.MustCompile(`^[a-z]{2}$`)
	skinTone  = regexp.MustCompile(`1f3f[b-f]`)

	flagsByPoints = rule{points: true, names: flag}
	emojiByPoints = rule{points: true, names: everyName, skip: skinTone}
	named         = rule{names: everyName}
)

// Sets returns the sets that akin knows.
func Sets() []Set {
	return []Set{
		{Name: "flags7", About: "the flags of countries, by seven artists", Least: 7, Packages: []Package{
			iconify("flag", "1.2.12", "B5zphOSTn54UX9v1sKsR1atuhyuXExiAkjuLQA8aeDcB68+P6oiStEDeEEVkbHgwvFvklPM2G7GhqFw6VMnXhw==", 1_114_850, mit,
				rule{names: regexp.MustCompile(`^([a-z]{2})-4x3$`)}),
			iconify("circle-flags", "1.2.11", "vrx2btOkTQ4/P75ElEDnjXShmNTwInXuhhpIQQ6U6YUTdxfWyvm/4ijNG8FX8iWFr+sqqQRCvXpm2RfRtjVXfg==", 109_264, mit, rule{names: twoLetter}),
			iconify("flagpack", "1.2.8", "fWiMOWi6pHf757xK4OfHrqOfUpnJ4oTwu4rlzt4twJyNO9V34ui0cMj7qrCP/yI0mS/k1zZ3In/lOZWyjgfMjw==", 291_484, mit, rule{names: twoLetter}),
			iconify("cif", "1.2.7", "MUDOUt7xWMsWw9QW312wlCxblqaR+sRfQRokO6ZH7Xp+53HgzHA7K+ejrite+ULpV/bBVe6XZIrxSShXEpdpNg==", 1_013_506, cc0, rule{names: twoLetter}),
			twemoji(flagsByPoints),
			openmoji(flagsByPoints),
			vendor("google", "ZRexfzs7MVoLnmzZmNsO4TKhnAJp5D++Vm6PpUpH/jEQQlemp3l88CjZ+DoZ2faM9R4QxZkOPJCoT8DlPhfQ3A==", 74_344_091, apache, flag),
		}},
		{Name: "logos", About: "brands, by four artists", Least: 3, Packages: []Package{
			iconify("logos", "1.2.19", "ICjDNu2RW4xMk+0YAHyrTj/pW2BHgywcYyvf9DS16upalmSUbg+WqkEYJRim8iVOuVylyo9FFjzWLzACFhj8oA==", 3_084_590, cc0, named),
			iconify("devicon", "1.2.68", "4RNlCSNCSgDEOVMHkBOxgik9agJcVRcfXwAZcwMdIolWx/lvXHzo2kqcqTqQGviZuBbnv3L1lyd+CowyZE+I3g==", 1_797_794, mit, named),
			iconify("skill-icons", "1.2.4", "S6iRKHGlGCb/zfx3Isv1TBe5PunbDE5FEwJcaXji60+yRZMrcFFtYEI1xivKqaGKXyVZ508yjGDItsehQdJmSg==", 495_452, mit,
				rule{names: regexp.MustCompile(`^([a-z0-9-]+?)(?:-light)?$`), skip: regexp.MustCompile(`-dark$`)}),
			iconify("vscode-icons", "1.2.97", "nkqeEluYLK3JGXQqmQKHJHdrHYL/r09yz1RZLRl0qDoBdIlW2JQmTRDxc86lzwcmfIyTXib8CBDWEsBj5xVfWQ==", 916_664, mit,
				rule{names: regexp.MustCompile(`^file-type-([a-z0-9-]+)$`)}),
		}},
		{Name: "emoji", About: "emoji as Apple, Google, Twitter and Facebook draw them", Least: 4, Packages: []Package{
			vendor("apple", "dVYjsK0FnCry9F+PBtnivhG2K0xdwlmqYaSgiUtztUdAGPYiHYhZcVKvNBqC791g2qyEcFNTBO6utg4eQ3uLTw==", 99_291_668, ownRight, everyName),
			vendor("google", "ZRexfzs7MVoLnmzZmNsO4TKhnAJp5D++Vm6PpUpH/jEQQlemp3l88CjZ+DoZ2faM9R4QxZkOPJCoT8DlPhfQ3A==", 74_344_091, apache, everyName),
			vendor("twitter", "7F+uCuHH+7Qnrc15P5tnbvKkg9E6tlzi4MnT2uW1RlN4pLYTza6cP/dstIfSDMtpjFLWuZewWg8jBbuL2eyELQ==", 61_683_754, ccBy, everyName),
			vendor("facebook", "b9ZxJdB7nMWGckH1vyCjPSosaa6MJYuojPPFiQ0LmDIZS8vlG454XKcmTFKrXIMAA72O4MRJMYFhvWI8pjyciQ==", 102_958_917, ownRight, everyName),
		}},
		{Name: "open4", About: "emoji by four artists, with open licences", Least: 4, Packages: []Package{
			iconify("noto", "1.2.9", "DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==", 3_102_958, apache, emojiByPoints),
			twemoji(emojiByPoints),
			openmoji(emojiByPoints),
			iconify("fluent-emoji-flat", "1.2.6", "RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==", 1_172_438, mit, emojiByPoints),
		}},
	}
}

// iconify is a package of drawings by one artist.
func iconify(artist, version, integrity string, bytes int64, licence string, takes rule) Package {
	return Package{Artist: artist, Name: "@iconify-json/" + artist, Version: version, Integrity: integrity, Bytes: bytes, Licence: licence, takes: takes}
}

func twemoji(takes rule) Package {
	return iconify("twemoji", "1.2.5", "uKpuIEV0v6K5BW3Mjdyl+XKFVAbbcPxAgifKvEMtZoUZB5+YiY5zaMm2uNNCxyXzAWU9yNLlj41WU6/mvgALsw==", 1_555_888, ccBy, takes)
}

func openmoji(takes rule) Package {
	return iconify("openmoji", "1.2.29", "vXdhkqcXVSO6suy+m9LbcUM3OdVyuNOtpV8/als/WqfkQIRxevL5Geb/g+6GH/Qwnq1OqksEmaDGTCmZ5nFKJQ==", 1_264_633, ccBySA, takes)
}

// vendor is a package of one vendor's emoji, as pictures of 64 x 64.
func vendor(artist, integrity string, bytes int64, licence string, names *regexp.Regexp) Package {
	return Package{
		Artist: artist, Name: "emoji-datasource-" + artist, Version: "16.0.0", Integrity: integrity, Bytes: bytes, Licence: licence,
		takes: rule{folder: "package/img/" + artist + "/64/", names: names, skip: skinTone},
	}
}
