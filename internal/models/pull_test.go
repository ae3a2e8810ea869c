package models

import (
	"errors"
	"net/http"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/model"
)

func TestConsentIsAskedWhereverWeightsComeFrom(t *testing.T) {
	t.Parallel()
	o := api.PullOptions{Home: t.TempDir()}
	h := &hub.Hub{TorchCache: t.TempDir(), HTTP: http.DefaultClient, Offline: true}
	spec := model.Spec{Name: "net", Licence: "cc-by-nc-4.0", File: "net-0123.pth", Addresses: []model.Address{{URL: "https://example.org/net.pth", To: "net.pth"}}}
	for from, pull := range map[string]func() (string, error){
		"torchvision": func() (string, error) { return pullTorch(t.Context(), h, spec, o) },
		"its authors": func() (string, error) { return pullAddresses(t.Context(), h, spec, o) },
	} {
		o.Accept = nil
		if _, err := pull(); !errors.Is(err, ErrLicence) {
			t.Errorf("%s, without consent: %v", from, err)
		}
		asked := api.Licence{}
		o.Accept = func(l api.Licence) bool { asked = l; return true }
		if _, err := pull(); !errors.Is(err, hub.ErrOffline) || asked != (api.Licence{Model: "net", Name: "cc-by-nc-4.0", Terms: "not for commercial use"}) {
			t.Errorf("%s, with consent: %v, asked about %+v", from, err, asked)
		}
	}
}
