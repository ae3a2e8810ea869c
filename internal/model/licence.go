package model

import (
	"fmt"
	"strings"
)

// freeLicences let anyone use weights for any purpose. Their names are those of the model hub, which
// are SPDX's in lower case for most.
var freeLicences = map[string]bool{
	"apache-2.0": true, "mit": true, "bsd": true, "bsd-2-clause": true, "bsd-3-clause": true, "bsd-3-clause-clear": true,
	"cc0-1.0": true, "cc-by-4.0": true, "cc-by-3.0": true, "cc-by-2.0": true, "cc-by-sa-4.0": true, "cc-by-sa-3.0": true,
	"isc": true, "unlicense": true, "wtfpl": true, "zlib": true, "bsl-1.0": true, "0bsd": true, "mpl-2.0": true, "artistic-2.0": true,
}

// restrictedLicences are others that weights are published under.
var restrictedLicences = map[string]string{
	"apple-amlr":                  "for research only, not for commercial use",
	"apple-ascl":                  "under Apple's sample code licence",
	"dinov3":                      "under Meta's DINOv3 licence, which forbids some uses",
	"dinov3-license":              "under Meta's DINOv3 licence, which forbids some uses",
	"fair-noncommercial-research": "for non-commercial research only",
	"nvidia-open-model-license":   "under NVIDIA's open model licence",
}

// Terms returns what a person has to accept before weights under that licence are fetched, or "" if
// they may be used by anyone for any purpose, or no licence is stated.
func Terms(licence string) string {
	name := strings.ToLower(licence)
	switch {
	case name == "", freeLicences[name]:
		return ""
	case restrictedLicences[name] != "":
		return restrictedLicences[name]
	case strings.HasPrefix(name, "cc-by-nc"):
		return "not for commercial use"
	}
	return fmt.Sprintf("under the licence %.80q, which may restrict their use", licence)
}
