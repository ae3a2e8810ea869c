package assistant

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
)

type describeIn struct{}

// described is the answer of describe_collection.
type described struct {
	Pictures int            `json:"pictures"`
	Models   []describedOne `json:"models"`
	Folders  []api.Folder   `json:"folders"`
}

type describedOne struct {
	Model     string `json:"model"`
	Dim       int    `json:"dim"`
	Covered   int    `json:"covered"` // pictures that it has embedded
	ReadsText bool   `json:"reads_text"`
}

func (t tools) describe(ctx context.Context, _ describeIn) (a answer, out described, err error) {
	info, err := t.c.Info(ctx)
	if err != nil {
		return a, out, err
	}
	answers, err := t.c.Answers(ctx)
	if err != nil {
		return a, out, err
	}
	out = described{Pictures: info.Pictures, Models: []describedOne{}}
	if out.Folders, err = t.c.Folders(ctx); err != nil {
		return a, out, err
	}
	for _, s := range info.Spaces {
		if s.Active {
			out.Models = append(out.Models, describedOne{s.Model, s.Dim, s.Covered, slices.Contains(answers.Text, s.Model)})
		}
	}
	a.sayf("%s in %s.", pictures(out.Pictures), info.Collection)
	for _, m := range out.Models {
		reads := ""
		if m.ReadsText {
			reads = ", and reads text"
		}
		a.sayf("%s has embedded %d of them%s.", m.Model, m.Covered, reads)
	}
	return a, out, nil
}

type findIn struct {
	Words string `json:"words,omitempty" jsonschema:"what the name begins with or contains; case and accents are ignored"`
	Under string `json:"under,omitempty" jsonschema:"only pictures below this folder"`
	Tag   string `json:"tag,omitempty" jsonschema:"only pictures with this tag"`
	Limit int    `json:"limit,omitempty" jsonschema:"pictures per page, up to 50; 12 when omitted"`
	After string `json:"after,omitempty" jsonschema:"the field next of the previous page"`
}

func (t tools) find(ctx context.Context, in findIn) (a answer, out api.PictureList, err error) {
	out, err = t.c.Pictures(ctx, api.ListOptions{Typed: in.Words, Under: in.Under, Tag: in.Tag, Limit: limit(in.Limit, 12), After: in.After})
	if err != nil {
		return a, out, err
	}
	var names []string
	for _, p := range out.Pictures {
		names = append(names, p.Name)
	}
	a.sayf("%d of %s: %s", len(names), pictures(out.Total), strings.Join(names, ", "))
	for row := range slices.Chunk(names, 6) {
		a.sheet = append(a.sheet, t.thumbs(ctx, row))
	}
	return a, out, nil
}

// limit returns how many of something to show, at most 50.
func limit(asked, usual int) int {
	if asked <= 0 {
		return usual
	}
	return min(asked, 50)
}

func pictures(n int) string {
	if n == 1 {
		return "1 picture"
	}
	return fmt.Sprintf("%d pictures", n)
}
