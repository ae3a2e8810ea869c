package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/labelled"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

var measures = map[string]string{
	api.ByPairs: "mean reciprocal rank", api.ByGroups: "mean average precision", api.BySteadiness: "share of changed pictures found",
}

// Advise orders the models of the collection by how well they find pairs or groups that belong
// together. Without pairs or labels it measures steadiness: how often a picture that was cropped,
// shrunk, compressed, mirrored, lightened or darkened still finds its original. Steadiness does not
// measure whether a model agrees with people about what is similar.
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
	out := api.Advice{By: api.ByPairs, Queries: 2 * len(r.Pairs), HeldOut: r.HeldOut, Missing: r.Missing}
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
	out := api.Advice{By: api.ByGroups, HeldOut: r.HeldOut, Missing: r.Missing}
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
	out := steadiness(r)
	return out, err
}

// steadiness averages each model's reactions to the benign changes.
func steadiness(r api.ProbeReport) api.Advice {
	benign := map[string]bool{}
	for _, c := range alter.Changes() {
		if c.Benign {
			benign[c.Name] = true
		}
	}
	n := float64(len(benign))
	out := api.Advice{By: api.BySteadiness, Queries: r.Pictures * len(benign), Skipped: r.Skipped, Absent: r.Skipped}
	for _, m := range r.Models {
		a := api.ModelAdvice{Model: m.Model, P: -1}
		for _, reaction := range m.Reactions {
			if benign[reaction.Change] {
				a.Value += reaction.Found / n
				// The mean of intervals is wider than the interval of the mean, so it is safe.
				a.Within[0], a.Within[1] = a.Within[0]+reaction.FoundWithin[0]/n, a.Within[1]+reaction.FoundWithin[1]/n
			}
		}
		addModel(&out, a)
	}
	return out
}

func addModel(a *api.Advice, m api.ModelAdvice) {
	if m.Model == api.Fused {
		m.P = -1
		a.Fused = &m
		return
	}
	a.Models = append(a.Models, m)
}

// addPValues sets each model's p-value against the best model.
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

// measureCost sets the model's size and speed, if it is installed.
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
		for range 4 { // the first run loads the model
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

// adviceWords puts the advice into sentences. a.Models are sorted, the best first.
func adviceWords(a *api.Advice) []string {
	best := a.Models[0]
	words := []string{recommendation(a.Models, measures[a.By])}
	var close, faster []string
	for _, m := range a.Models {
		switch {
		case m.Value == best.Value:
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
	if len(close) > 0 {
		words = append(words, "Chance may explain that "+strings.Join(close, ", and that ")+".")
	}
	words = append(words, faster...)
	if a.Fused != nil {
		switch h := a.HeldOut; {
		case h != nil && h.Fused < h.Best:
			words = append(words, fmt.Sprintf("All models together find less than the best alone, chosen on other queries: %.2f, not %.2f (p = %.2g).", h.Fused, h.Best, h.P))
		case a.Fused.Value > best.Value:
			words = append(words, fmt.Sprintf("All models together find more: %.2f, when fused by their scores.", a.Fused.Value))
		default:
			words = append(words, fmt.Sprintf("All models together find no more than the best alone: %.2f.", a.Fused.Value))
		}
	}
	if measured := labelled.ResultsOf(best.Model); measured != "" {
		words = append(words, measured)
	}
	switch {
	case len(a.Models) == 1:
		words = append(words, "There is nothing to compare it with: index these pictures with another model as well.")
	case a.By == api.BySteadiness:
		words = append(words, "This measures whether a model still finds a picture that was cropped, shrunk, compressed, mirrored, lightened or darkened. "+
			"It does not measure whether the model agrees with you about what is similar. For that, write down some thirty pairs that belong together.")
	case a.Queries < 60:
		words = append(words, fmt.Sprintf("%d queries are few: a difference below about 0.2 may be chance.", a.Queries))
	}
	return words
}

// recommendation names the best model, or all that are equally good.
func recommendation(models []api.ModelAdvice, measure string) string {
	best := models[0]
	var equal []string
	for _, m := range models {
		if m.Value == best.Value {
			equal = append(equal, m.Model)
		}
	}
	if len(equal) > 1 {
		return fmt.Sprintf("Use %s: they are equal, with a %s of %.2f (95 %% interval %.2f to %.2f).",
			strings.Join(equal, " or "), measure, best.Value, best.Within[0], best.Within[1])
	}
	return fmt.Sprintf("Use %s: its %s is %.2f (95 %% interval %.2f to %.2f).", best.Model, measure, best.Value, best.Within[0], best.Within[1])
}
