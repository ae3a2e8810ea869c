package models

import (
	"errors"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

func TestAFingerprintSaysHowPicturesWereShown(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("3f", 32)
	teal, err := picture.ParseBackground("#008080")
	if err != nil {
		t.Fatal(err)
	}
	for want, v := range map[string]View{
		hash:                                 {},
		"auto+" + hash:                       {Background: picture.Auto},
		"008080+" + hash:                     {Background: teal},
		"fast-decode+" + hash:                {Decode: DecodeFast},
		"auto-decode+" + hash:                {Decode: DecodeAuto},
		"auto-decode+auto+" + hash:           {Background: picture.Auto, Decode: DecodeAuto},
		"fast-decode+" + "008080+" + hash:    {Background: teal, Decode: DecodeFast},
		"no-colour+" + hash:                  {Colour: ColourDrop},
		"no-colour+grey+" + hash:             {Background: picture.Grey, Colour: ColourDrop},
		"no-colour+auto-decode+auto+" + hash: {Background: picture.Auto, Decode: DecodeAuto, Colour: ColourDrop},
	} {
		if got := v.on(hash); got != want {
			t.Errorf("%+v: %s, want %s", v, got, want)
		}
		if got := ViewOf(want); got != v {
			t.Errorf("%s: %+v, want %+v", want, got, v)
		}
	}
	for _, other := range []string{"", "imported/4", "slow-decode+" + hash, "no-colours+" + hash, "+" + hash, "purple?+" + hash} {
		if got := ViewOf(other); got != (View{}) {
			t.Errorf("%q: %+v", other, got)
		}
	}
}

func TestHowLargePicturesAreDecoded(t *testing.T) {
	t.Parallel()
	square := model.Preprocess{Width: 224, Height: 224, Filter: resample.Bicubic}
	clip := model.Preprocess{Short: 224, Width: 224, Height: 224, Filter: resample.Bicubic}
	squashed := model.Preprocess{Squashed: [2]int{256, 256}, Width: 224, Height: 224, Filter: resample.Bilinear}
	nearest := model.Preprocess{Width: 224, Height: 224, Filter: resample.Nearest}
	for _, c := range []struct {
		why           string
		decode        Decode
		p             model.Preprocess
		width, height int
		want          [2]int
	}{
		{"three times the network's input", DecodeFast, square, 4000, 3000, [2]int{672, 672}},
		{"the longer side keeps its length", DecodeFast, clip, 4000, 3000, [2]int{3 * 298, 672}},
		{"what is cut out comes from more", DecodeFast, squashed, 4000, 3000, [2]int{768, 768}},
		{"single pixels are picked", DecodeFast, nearest, 4000, 3000, [2]int{4000, 3000}},
		{"a small one, too", DecodeFast, square, 1000, 1000, [2]int{672, 672}},
		{"up to four megapixels whole", DecodeAuto, square, 2000, 2000, [2]int{2000, 2000}},
		{"and more at a smaller size", DecodeAuto, square, 2001, 2000, [2]int{672, 672}},
	} {
		w, h := c.decode.enough(c.p)(c.width, c.height)
		if [2]int{w, h} != c.want {
			t.Errorf("%s: %d x %d, want %v", c.why, w, h, c.want)
		}
	}
	if DecodeExact.enough(square) != nil {
		t.Error("exact decodes whole")
	}
	if _, err := ParseColour("grey"); !errors.Is(err, api.ErrInvalid) {
		t.Errorf("%v", err)
	}
	if _, err := ParseDecode("draft"); !errors.Is(err, api.ErrInvalid) {
		t.Errorf("%v", err)
	}
}
