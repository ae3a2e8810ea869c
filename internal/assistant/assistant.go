// Package assistant offers a collection to assistants over the Model Context Protocol: tools
// that search, compare and explain, and answer with pictures that an assistant can look at.
//
// An answer is three things: a sentence, the same JSON as the command line's, and where there
// is something to see, a contact sheet of numbered pictures. Everything is read; nothing in a
// collection is changed.
package assistant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// instructions tell an assistant how to use the tools together.
const instructions = `akin finds pictures that look alike in a collection on this machine, and shows what "alike" means to each vision model.
A picture is named as the collection names it (find_pictures looks names up), or by the path of a file, or by an http(s) address; words work where a model reads text.
A score is a cosine. It means nothing by itself, since every model has its own scale. "by_luck" is how many of the pictures searched are expected to score as high by chance, "chance" the share of the model's random pairs that score as high. "grade" is a word: same (confirmed by comparing pixels), near and related (better than chance), weak (chance explains it). Say "no good match" where "no_good_match" is true.
Models disagree: CLIP, SigLIP and BLIP-2 know what things mean, DINOv2, ViT, VGG and EfficientNet see how they look. compare_models shows it, explain_pair shows which regions make two pictures alike.
Pictures in answers are contact sheets: the numbers are the ranks.`

// New returns a server of c's tools. Run it over a transport; it ends when that closes.
func New(c *akin.Collection, version string) *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "akin", Title: "akin: pictures that look alike", Version: version},
		&mcp.ServerOptions{Instructions: instructions, Capabilities: &mcp.ServerCapabilities{}})
	t := tools{c, newCalls()}
	add(s, t.calls, "describe_collection", "What the collection holds",
		"Returns how many pictures the collection has, which models have embedded them, and which of these read text.", t.describe)
	add(s, t.calls, "find_pictures", "Find pictures by name",
		"Finds pictures of the collection whose names begin with or contain some words, and shows them. Without words: the first pictures.", t.find)
	add(s, t.calls, "search", "Search for what looks alike",
		"Finds the pictures that look most like a query, by one model, and shows them. A query is one or several pictures, files, addresses or texts; a negative weight finds what is unlike.", t.search)
	add(s, t.calls, "compare_models", "Compare models",
		"Searches with every model side by side, and with all of them fused. Shows which hits only one model finds, and how much the models' hits overlap.", t.compare)
	add(s, t.calls, "explain_pair", "Explain a likeness",
		"Shows which regions of two pictures make them alike to a model, as a heat map on both.", t.explain)
	add(s, t.calls, "find_bias", "Find likeness by meaning",
		"Finds the pairs of pictures that models trained on language rank much nearer than purely visual models do: related by meaning, not by looks. Needs a model of each kind.", t.bias)
	return s
}

// tools are the tools of one collection.
type tools struct {
	c     *akin.Collection
	calls *calls
}

// add offers a read-only tool. Its errors are answers to the assistant, which may try again, not errors
// of the protocol.
//
// Answers have no schema: hits contain hits, and the library makes no recursive schemas.
func add[In, Out any](s *mcp.Server, c *calls, name, title, about string, f func(context.Context, In) (answer, Out, error)) {
	closed := false
	mcp.AddTool(s, &mcp.Tool{
		Name: name, Description: about,
		Annotations: &mcp.ToolAnnotations{Title: title, ReadOnlyHint: true, IdempotentHint: true, OpenWorldHint: &closed},
	}, func(ctx context.Context, _ *mcp.CallToolRequest, in In) (*mcp.CallToolResult, any, error) {
		a, out, err := bounded(ctx, c, func(ctx context.Context) (a answer, out Out, err error) {
			defer disk.Catch(&err)()
			return f(ctx, in)
		})
		if err != nil {
			return nil, nil, err
		}
		content := []mcp.Content{&mcp.TextContent{Text: a.words.String()}}
		if len(a.sheet) > 0 {
			picture, err := a.sheet.png()
			if err != nil {
				return nil, nil, err
			}
			content = append(content, &mcp.ImageContent{Data: picture, MIMEType: "image/png"})
		}
		return &mcp.CallToolResult{Content: content}, out, nil
	})
}

// answer is a tool's text and pictures.
type answer struct {
	words bytes.Buffer
	sheet sheet
}

func (a *answer) sayf(format string, args ...any) { fmt.Fprintf(&a.words, format+"\n", args...) }

// Term is a term of a query.
type Term struct {
	Picture string  `json:"picture,omitempty" jsonschema:"the name of a picture of the collection, the path of a picture file, or an http(s) address"`
	Text    string  `json:"text,omitempty" jsonschema:"words, for models that read text (CLIP, SigLIP)"`
	Weight  float64 `json:"weight,omitempty" jsonschema:"how much it counts; negative: find what is unlike it; 1 when omitted"`
	// In shares of the upright picture: an assistant sees thumbnails, not pixels.
	Crop *Region `json:"crop,omitempty" jsonschema:"only this region of the picture"`
}

// Region is a part of a picture.
type Region struct {
	X      float64 `json:"x" jsonschema:"left edge, as a share of the width, 0 to 1"`
	Y      float64 `json:"y" jsonschema:"upper edge, as a share of the height, 0 to 1"`
	Width  float64 `json:"width" jsonschema:"as a share of the picture's, 0 to 1"`
	Height float64 `json:"height" jsonschema:"as a share of the picture's, 0 to 1"`
}

// query returns the query of terms.
func query(terms []Term) (api.Query, error) {
	var q api.Query
	for _, t := range terms {
		var part api.Query
		switch {
		case (t.Picture == "") == (t.Text == ""):
			return nil, errors.New("each term of a query must be either a picture or a text")
		case t.Text != "":
			part = akin.Text(t.Text)
		default:
			part = akin.Like(t.Picture)
		}
		if t.Crop != nil {
			part = part.Cropped(api.Crop{X: t.Crop.X, Y: t.Crop.Y, Width: t.Crop.Width, Height: t.Crop.Height, Relative: true})
		}
		if t.Weight != 0 {
			part = part.Times(t.Weight)
		}
		q = q.Plus(part)
	}
	if len(q) == 0 {
		return nil, errors.New("empty query: name a picture, or give a text")
	}
	return q, nil
}

// where is the filter of a search.
type where struct {
	Under  string   `json:"under,omitempty" jsonschema:"only pictures below this folder"`
	Names  []string `json:"names,omitempty" jsonschema:"only pictures whose name or path matches one of these globs, as img_* or 2024/**"`
	After  string   `json:"after,omitempty" jsonschema:"only pictures taken then or later: 2024, 2024-07 or 2024-07-31"`
	Before string   `json:"before,omitempty" jsonschema:"only pictures taken earlier than that"`

	Cameras  []string  `json:"cameras,omitempty" jsonschema:"only pictures of one of these cameras, make and model or a glob as *iPhone*"`
	Keywords []string  `json:"keywords,omitempty" jsonschema:"only pictures that have all of these keywords, or globs of them, in their files"`
	Captions []string  `json:"captions,omitempty" jsonschema:"only pictures whose title or caption has all of these words"`
	Rating   int       `json:"rating,omitempty" jsonschema:"only pictures with so many stars or more, 1 to 5"`
	Near     []float64 `json:"near,omitempty" jsonschema:"latitude, longitude and kilometres: only pictures taken so near to that place"`

	Tags []string `json:"tags,omitempty" jsonschema:"only pictures that have all of these tags"`
}

func (w where) filter() api.Filter {
	return api.Filter{
		Under: w.Under, Names: w.Names, After: w.After, Before: w.Before, Tags: w.Tags,
		Cameras: w.Cameras, Keywords: w.Keywords, Captions: w.Captions, Rating: w.Rating, Near: w.Near,
	}
}

// sentence describes a query.
func sentence(q api.Query) string {
	var b strings.Builder
	for i, t := range q {
		name := t.Picture
		if t.Text != "" {
			name = fmt.Sprintf("%q", t.Text)
		}
		switch {
		case t.Weight < 0:
			b.WriteString(" - ")
		case i > 0:
			b.WriteString(" + ")
		}
		if w := max(t.Weight, -t.Weight); w != 1 {
			fmt.Fprintf(&b, "%g × ", w)
		}
		b.WriteString(name)
	}
	return strings.TrimSpace(b.String())
}
