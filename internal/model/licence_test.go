package model

import "testing"

func TestOnlyFreeLicencesNeedNoConsent(t *testing.T) {
	t.Parallel()
	for licence, terms := range map[string]string{
		"Apache-2.0": "", "MIT": "", "BSD-3-Clause": "", "cc0-1.0": "",
		"CC-BY-NC-4.0":    "not for commercial use",
		"cc-by-nc-sa-4.0": "not for commercial use",
		"apple-amlr":      "for research only, not for commercial use",
		"":                "",
		"other":           `under the licence "other", which may restrict their use`,
	} {
		if got := Terms(licence); got != terms {
			t.Errorf("%q: %q, not %q", licence, got, terms)
		}
	}
}
