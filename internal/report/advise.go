package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

// everyday are changes that happen to pictures without making others of them.
var everyday = []string{"lighter", "darker", "mirror", "crop-80", "small", "jpeg-20"}

// Advise judges all models of the collection by pairs or groups that belong together, or
// else by how well they find pictures that were cropped, shrunk, compressed, mirrored, and made
// lighter or darker: that tells which model is steady, and not which one means what people mean.
func Advise(ctx context.Context, c *space.Collection, o api.AdviceOptions) (api.Advice, error) {
	var out api.Advice
	var err error
	switch {
	case o.Pairs != nil && o.Labels != nil:
		return out, api.Invalidf("advise: by pairs or by groups, not both")
	case o.Pairs != nil:
		out, err = adviseByPairs(ctx, c, o)
	case o.Labels != nil:
		out, err = adviseByGroups(ctx, c, o)
	default:
		out, err = adviseBySteadiness(ctx, c, o)
	}
	if err != nil {
		return out, err
	}
	spaces, err := c.Active(ctx)
	if err != nil {
		return out, err
	}
	for i := range out.Models {
		if err := measureCost(ctx, c, &out.Models[i], spaces); err != nil {
			return out, err
		}
	}
	slices.SortStableFunc(out.Models, func(a, b api.ModelAdvice) int { return cmp.Compare(b.Value, a.Value) })
	out.Words = adviceWords(&out)
	return out, nil
}

func adviseByPairs(ctx context.Context, c *space.Collection, o api.AdviceOptions) (api.Advice, error) {
	r, err := Evaluate(ctx, c, o.Pairs, api.EvaluateOptions{Models: o.Models, Fusion: api.Fusion{Method: api.FuseScores}})
	out := api.Advice{By: api.ByPairs, Queries: 2 * len(r.Pairs), Missing: r.Missing}
	if err != nil {
		return out, err
	}
	for _, m := range r.Models {
		addModel(&out, api.ModelAdvice{Model: m, Value: r.Summary[m].MRR, Within: r.Summary[m].MRRInterval})
	}
	addPValues(&out, r.Tests)
	return out, nil
}

func adviseByGroups(ctx context.Context, c *space.Collection, o api.AdviceOptions) (api.Advice, error) {
	r, err := EvaluateGroups(ctx, c, o.Labels, api.EvaluateOptions{Models: o.Models, Fusion: api.Fusion{Method: api.FuseScores}})
	out := api.Advice{By: api.ByGroups, Missing: r.Missing}
	if err != nil {
		return out, err
	}
	for _, m := range r.Models {
		out.Queries = r.Summary[m].Queries
		addModel(&out, api.ModelAdvice{Model: m, Value: r.Summary[m].MAP, Within: r.Summary[m].MAPInterval})
	}
	addPValues(&out, r.Tests)
	return out, nil
}

func adviseBySteadiness(ctx context.Context, c *space.Collection, o api.AdviceOptions) (api.Advice, error) {
	r, err := Probe(ctx, c, api.ProbeOptions{Models: o.Models, Progress: o.Progress})
	out := api.Advice{By: api.BySteadiness, Queries: r.Pictures * len(everyday), Absent: r.Absent}
	if err != nil {
		return out, err
	}
	for _, m := range r.Models {
		a := api.ModelAdvice{Model: m.Model, P: -1}
		for _, reaction := range m.Reactions {
			if slices.Contains(everyday, reaction.Change) {
				n := float64(len(everyday))
				a.Value += reaction.Found / n
				// The mean of intervals is wider than the interval of the mean: it is safe.
				a.Within[0], a.Within[1] = a.Within[0]+reaction.FoundWithin[0]/n, a.Within[1]+reaction.FoundWithin[1]/n
			}
		}
		addModel(&out, a)
	}
	return out, nil
}

func addModel(a *api.Advice, m api.ModelAdvice) {
	if m.Model == api.Fused {
		m.P = -1
		a.Fused = &m
		return
	}
	a.Models = append(a.Models, m)
}

// test tells of each model how sure it is that the best one is better.
func addPValues(a *api.Advice, tests []api.PairedTest) {
	best := slices.MaxFunc(a.Models, func(x, y api.ModelAdvice) int { return cmp.Compare(x.Value, y.Value) }).Model
	for i := range a.Models {
		m := &a.Models[i]
		m.P = -1
		if m.Model == best {
			m.P = 1
		}
		for _, t := range tests {
			if t.A == best && t.B == m.Model || t.B == best && t.A == m.Model {
				m.P = t.Corrected
			}
		}
	}
}

// cost measures what a model takes, where it is here.
func measureCost(ctx context.Context, c *space.Collection, m *api.ModelAdvice, spaces []record.Space) error {
	for _, s := range spaces {
		if s.Model != m.Model {
			continue
		}
		m.VectorBytes = 4 * s.Dim
		n, err := c.NetworkOf(s)
		if err != nil {
			return nil
		}
		m.ModelBytes = n.Bytes
		stage := n.QueryStage()
		pixels, out := make([]float32, stage.Input), make([]float32, stage.Dim)
		best := time.Duration(0)
		for range 4 { // the first one loads the model
			started := time.Now()
			if err := stage.Run(ctx, pixels, 1, out); err != nil {
				return err
			}
			if took := time.Since(started); best == 0 || took < best {
				best = took
			}
		}
		m.Milliseconds = float64(best.Microseconds()) / 1000
	}
	return nil
}

// say puts the advice in words.
func adviceWords(a *api.Advice) []string {
	best := a.Models[0]
	measure := map[string]string{
		api.ByPairs: "mean reciprocal rank", api.ByGroups: "mean average precision", api.BySteadiness: "share of changed pictures found",
	}[a.By]
	var equal, close, faster []string
	for _, m := range a.Models {
		switch {
		case m.Value == best.Value:
			equal = append(equal, m.Model)
		case m.P >= 0.05:
			close = append(close, fmt.Sprintf("%s is behind (p = %.2g)", m.Model, m.P))
		case m.P < 0 && m.Within[1] >= best.Within[0]:
			close = append(close, m.Model+" is behind (their intervals overlap)")
		default:
			continue
		}
		if m.Milliseconds > 0 && best.Milliseconds >= 1.5*m.Milliseconds {
			faster = append(faster, fmt.Sprintf("%s is %.1f times as fast.", m.Model, best.Milliseconds/m.Milliseconds))
		}
	}
	words := []string{fmt.Sprintf("Use %s: its %s is %.2f (95 %% between %.2f and %.2f).", best.Model, measure, best.Value, best.Within[0], best.Within[1])}
	if len(equal) > 1 {
		words[0] = fmt.Sprintf("Use %s: they are equal, with a %s of %.2f (95 %% between %.2f and %.2f).",
			strings.Join(equal, " or "), measure, best.Value, best.Within[0], best.Within[1])
	}
	if len(close) > 0 {
		words = append(words, "Chance may explain that "+strings.Join(close, ", and that ")+".")
	}
	words = append(words, faster...)
	if a.Fused != nil {
		if a.Fused.Value > best.Value {
			words = append(words, fmt.Sprintf("All models together find more, %.2f: search with --fuse --fusion scores.", a.Fused.Value))
		} else {
			words = append(words, fmt.Sprintf("All models together find no more than the best alone: %.2f.", a.Fused.Value))
		}
	}
	switch {
	case len(a.Models) == 1:
		words = append(words, "There is nothing to compare it with: index these pictures with another model as well.")
	case a.By == api.BySteadiness:
		words = append(words, "This tells which model still finds a picture that was cropped, shrunk, compressed, mirrored, or made lighter or darker. "+
			"It does not tell which model holds alike what you hold alike: for that, write down some thirty pairs that belong together.")
	case a.Queries < 60:
		words = append(words, fmt.Sprintf("%d queries are few: differences below some 0.2 are luck.", a.Queries))
	}
	return words
}
