package assistant

import (
	"context"
	"image"
	"image/draw"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
)

type explainIn struct {
	A     string `json:"a" jsonschema:"the name of a picture of the collection, the path of a picture file, or an http(s) address"`
	B     string `json:"b" jsonschema:"another picture"`
	Model string `json:"model,omitempty" jsonschema:"a model of the collection that is on this machine; the collection's default model when omitted"`
}

func (t tools) explain(ctx context.Context, in explainIn) (a answer, out api.Explanation, err error) {
	out, err = t.c.Explain(ctx, akin.Like(in.A), akin.Like(in.B), api.ExplainOptions{Model: in.Model})
	if err != nil {
		return a, out, err
	}
	a.sayf("%s and %s have a cosine of %.4f by %s. The sheet shows both (1 and 2), and below them what makes them alike: the lighter, the more; what is hatched the model does not see.", in.A, in.B, out.Score, out.Model)
	switch out.Method {
	case api.ByPlaces:
		a.sayf("The score is divided exactly among places: the values of each map sum to %.4f.", out.A.Sum)
	case api.ByTokens:
		a.sayf("Each patch is matched with its best counterpart in the other picture, which does not divide the score.")
	case api.ByOcclusion:
		a.sayf("A value is how much the score falls when that place is covered, which does not divide the score exactly.")
	}
	a.sheet = sheet{nil, nil}
	for _, h := range []api.HeatMap{out.A, out.B} {
		width, height, pixels, heat := akin.HeatLayers(h, thumbSide)
		plain := picture.RGBA(pixels, width, height)
		heated := image.NewRGBA(plain.Rect)
		draw.Draw(heated, plain.Rect, plain, image.Point{}, draw.Src)
		draw.Draw(heated, plain.Rect, &image.NRGBA{Pix: heat, Stride: 4 * width, Rect: plain.Rect}, image.Point{}, draw.Over)
		a.sheet[0], a.sheet[1] = append(a.sheet[0], plain), append(a.sheet[1], heated)
	}
	return a, out, nil
}
