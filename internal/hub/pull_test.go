package hub

import (
	"encoding/json"
	"testing"
)

func TestALicenceIsWhatTheCardStates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, card, want string
	}{
		{"a name", `{"license": "mit"}`, "mit"},
		{"a list of one", `{"license": ["cc-by-nc-4.0"]}`, "cc-by-nc-4.0"},
		{"a list: it does not state none", `{"license": ["apache-2.0", "cc-by-nc-4.0"]}`, "apache-2.0, cc-by-nc-4.0"},
		{"one of its own", `{"license": "other", "license_name": "apple-amlr"}`, "apple-amlr"},
		{"one of its own without a name", `{"license": "other"}`, "other"},
		{"an empty list", `{"license": []}`, ""},
		{"none", `{}`, ""},
	} {
		var card struct {
			License any    `json:"license"`
			Name    string `json:"license_name"`
		}
		if err := json.Unmarshal([]byte(c.card), &card); err != nil {
			t.Fatal(err)
		}
		if got := licence(card.License, card.Name); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}
