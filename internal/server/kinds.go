package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
	"github.com/danielgtaylor/huma/v2"
)

// collectionKinds are the jobs of a collection.
var collectionKinds = kinds{
	"index":    kindOf("Learn folders, or refresh those that were indexed: only what changed is embedded. Gives an IndexReport.", prepareIndex, api.IndexReport{}),
	"eval":     kindOf("How well models find pairs or groups that people call alike. Gives an Evaluation or a GroupEvaluation.", prepareEval, api.Evaluation{}, api.GroupEvaluation{}),
	"bias":     kindOf("Pairs that models trained on language hold near, and models of looks alone far. Gives a Bias.", prepareBias, api.Bias{}),
	"disagree": kindOf("The pictures on whose neighbours models disagree most. Gives a CollectionDisagreement.", prepareDisagree, api.CollectionDisagreement{}),
	"context":  kindOf("What holds pairs together: colour, background or lettering. Gives a ContextReport.", prepareContext, api.ContextReport{}),
	"probe":    kindOf("What each model looks at, and what it does not see. Gives a ProbeReport.", prepareProbe, api.ProbeReport{}),
	"advise":   kindOf("Which model suits these pictures. Gives an Advice.", prepareAdvise, api.Advice{}),
	"dupes":    kindOf("Groups of equal or nearly equal pictures, with the best copy marked. Gives Duplicates.", prepareDupes, api.Duplicates{}),
	"map":      kindOf("All pictures laid out in two dimensions. Gives a Map.", prepareMap, api.Map{}),
	"verify":   kindOf("Check every checksum. Gives Verified: the problems, a line each.", prepareVerify, Verified{}),
}

// programKinds are the jobs without a collection.
var programKinds = kinds{
	"pull": kindOf("Fetch a model. Gives a PullReport.", preparePull, api.PullReport{}),
}

// counter tells of a step that counts.
func counter(tell func(client.Progress), step string) func(done, total int) {
	return func(done, total int) { tell(client.Progress{Step: step, Done: int64(done), Total: int64(total)}) }
}

// PairOption is two pictures that belong together.
type PairOption struct {
	A string `json:"a" minLength:"1"`
	B string `json:"b" minLength:"1"`
}

// LabelOption is a picture and the group that it belongs to.
type LabelOption struct {
	Name  string `json:"name" minLength:"1"`
	Group string `json:"group" minLength:"1"`
}

func pairs(options []PairOption) []api.Pair {
	var out []api.Pair
	for i, p := range options {
		out = append(out, api.Pair{A: p.A, B: p.B, Row: i + 1})
	}
	return out
}

func labels(options []LabelOption) []api.Label {
	var out []api.Label
	for _, l := range options {
		out = append(out, api.Label{Name: l.Name, Group: l.Group})
	}
	return out
}

// pairSet gives the pairs of a set that comes with akin, or those that were given.
func pairSet(set string, given []PairOption) ([]api.Pair, error) {
	if set == "" {
		return pairs(given), nil
	}
	if len(given) > 0 {
		return nil, invalid{fmt.Errorf("set and pairs exclude each other")}
	}
	found, err := akin.FindPairSet(set)
	if err != nil {
		return nil, invalid{err}
	}
	return found.Pairs()
}

// EvalOptions say what models are evaluated by: one of set, pairs and labels.
type EvalOptions struct {
	Set    string               `json:"set,omitempty" example:"flags" doc:"A list of pairs that comes with akin"`
	Pairs  []PairOption         `json:"pairs,omitempty" maxItems:"10000"`
	Labels []LabelOption        `json:"labels,omitempty" maxItems:"100000"`
	Models []string             `json:"models,omitempty" maxItems:"32"`
	Fusion *client.SearchFusion `json:"fusion,omitempty"`
}

func prepareEval(_ *Server, c *akin.Collection, o EvalOptions) (work, error) {
	of, err := pairSet(o.Set, o.Pairs)
	if err != nil {
		return nil, err
	}
	if (len(of) == 0) == (len(o.Labels) == 0) {
		return nil, invalid{fmt.Errorf("eval needs one of set, pairs and labels")}
	}
	options := api.EvaluateOptions{Models: o.Models, Fusion: fusion(o.Fusion)}
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		tell(client.Progress{Step: "evaluating"})
		if len(of) > 0 {
			return c.Evaluate(ctx, of, options)
		}
		return c.EvaluateGroups(ctx, labels(o.Labels), options)
	}, nil
}

// BiasOptions say whom to compare.
type BiasOptions struct {
	Set      string       `json:"set,omitempty" doc:"A list of pairs that comes with akin; without pairs, all of the collection's"`
	Pairs    []PairOption `json:"pairs,omitempty" maxItems:"10000"`
	Top      int          `json:"top,omitempty" minimum:"0" maximum:"1000" doc:"Pairs to return when none are given; 0 is 20"`
	Language []string     `json:"language,omitempty" maxItems:"32" doc:"The models trained on language; none is those known by their names"`
	Models   []string     `json:"models,omitempty" maxItems:"32"`
}

func prepareBias(_ *Server, c *akin.Collection, o BiasOptions) (work, error) {
	of, err := pairSet(o.Set, o.Pairs)
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		return c.Bias(ctx, of, api.BiasOptions{Models: o.Models, Language: o.Language, Top: o.Top, Progress: counter(tell, "comparing")})
	}, err
}

// DisagreeOptions say what to compare.
type DisagreeOptions struct {
	Top      int      `json:"top,omitempty" minimum:"0" maximum:"1000" doc:"Neighbours that are compared; 0 is 10"`
	Pictures int      `json:"pictures,omitempty" minimum:"0" maximum:"10000" doc:"Disputed pictures to return; 0 is 20"`
	Models   []string `json:"models,omitempty" maxItems:"32"`
}

func prepareDisagree(_ *Server, c *akin.Collection, o DisagreeOptions) (work, error) {
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		return c.DisagreeAll(ctx, api.DisagreeOptions{Models: o.Models, Top: o.Top, Pictures: o.Pictures, Progress: counter(tell, "neighbours")})
	}, nil
}

// ContextOptions say what to take away from which pairs.
type ContextOptions struct {
	Set      string       `json:"set,omitempty" doc:"A list of pairs that comes with akin"`
	Pairs    []PairOption `json:"pairs,omitempty" maxItems:"1000"`
	Without  []string     `json:"without,omitempty" maxItems:"3" doc:"Of colour, background and lettering; none is all"`
	Pictures int          `json:"pictures,omitempty" minimum:"0" maximum:"10000" doc:"Pictures that pairs are ranked among; 0 is 500"`
	Models   []string     `json:"models,omitempty" maxItems:"32"`
}

func prepareContext(_ *Server, c *akin.Collection, o ContextOptions) (work, error) {
	of, err := pairSet(o.Set, o.Pairs)
	if err == nil && len(of) == 0 {
		err = invalid{fmt.Errorf("context needs a set or pairs")}
	}
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		return c.Context(ctx, of, api.ContextOptions{Models: o.Models, Without: o.Without, Pictures: o.Pictures, Progress: counter(tell, "changing pictures")})
	}, err
}

// ProbeOptions say what to probe.
type ProbeOptions struct {
	Names  []string `json:"names,omitempty" maxItems:"1000" doc:"Pictures to change; none is a sample"`
	Sample int      `json:"sample,omitempty" minimum:"0" maximum:"10000" doc:"Pictures of the sample; 0 is 60"`
	Models []string `json:"models,omitempty" maxItems:"32"`
}

func prepareProbe(_ *Server, c *akin.Collection, o ProbeOptions) (work, error) {
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		return c.Probe(ctx, api.ProbeOptions{Models: o.Models, Names: o.Names, Pictures: o.Sample, Progress: counter(tell, "changing pictures")})
	}, nil
}

// AdviseOptions say what models are judged by: a set or pairs, or labels, or neither.
type AdviseOptions struct {
	Set    string        `json:"set,omitempty" doc:"A list of pairs that comes with akin"`
	Pairs  []PairOption  `json:"pairs,omitempty" maxItems:"10000"`
	Labels []LabelOption `json:"labels,omitempty" maxItems:"100000"`
	Models []string      `json:"models,omitempty" maxItems:"32"`
}

func prepareAdvise(_ *Server, c *akin.Collection, o AdviseOptions) (work, error) {
	of, err := pairSet(o.Set, o.Pairs)
	if err == nil && len(of) > 0 && len(o.Labels) > 0 {
		err = invalid{fmt.Errorf("advise by pairs or by labels, not both")}
	}
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		return c.Advise(ctx, api.AdviceOptions{Models: o.Models, Pairs: of, Labels: labels(o.Labels), Progress: counter(tell, "asking models")})
	}, err
}

// DupesOptions say what to look for.
type DupesOptions struct {
	Filter    *client.SearchFilter `json:"filter,omitempty"`
	Model     string               `json:"model,omitempty" doc:"Whose neighbours are looked at; none is the collection's own"`
	Exact     bool                 `json:"exact,omitempty" doc:"Files with the same bytes only"`
	Mirrored  bool                 `json:"mirrored,omitempty" doc:"Also copies with left and right exchanged"`
	Rotated   bool                 `json:"rotated,omitempty" doc:"Also copies turned by quarters of a turn"`
	Reference []string             `json:"reference,omitempty" maxItems:"100" doc:"Folders whose pictures are the best of any group"`
	Reviewed  bool                 `json:"reviewed,omitempty" doc:"Also the groups that were reviewed"`
	MaxWrong  float64              `json:"max_wrong,omitempty" minimum:"0" maximum:"1000" doc:"How many pictures may be expected to have a group with a different one; 0 is 0.5"`
}

func prepareDupes(_ *Server, c *akin.Collection, o DupesOptions) (work, error) {
	keep, err := filter(o.Filter)
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		return c.Duplicates(ctx, api.DuplicateOptions{
			Filter: keep, Model: o.Model, Exact: o.Exact, Mirrored: o.Mirrored, Rotated: o.Rotated, Reference: o.Reference, Reviewed: o.Reviewed, MaxWrong: o.MaxWrong,
			Progress: func(p api.DuplicateProgress) {
				tell(client.Progress{Step: p.Step, Done: int64(p.Done), Total: int64(p.Total)})
			},
		})
	}, err
}

// MapOptions shape a map.
type MapOptions struct {
	Models    []string `json:"models,omitempty" maxItems:"32" doc:"None is all, fused"`
	Fresh     bool     `json:"fresh,omitempty" doc:"Forget where pictures lay before"`
	Neighbors int      `json:"neighbors,omitempty" minimum:"0" maximum:"200" doc:"Neighbours that a place is made of; 0 is 15"`
}

func prepareMap(_ *Server, c *akin.Collection, o MapOptions) (work, error) {
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		return c.Map(ctx, api.MapOptions{Models: o.Models, Fresh: o.Fresh, Neighbors: o.Neighbors, Progress: func(p api.MapProgress) {
			tell(client.Progress{Step: p.Step, Done: int64(p.Done), Total: int64(p.Total)})
		}})
	}, nil
}

// VerifyOptions say whether to repair as well.
type VerifyOptions struct {
	Repair bool `json:"repair,omitempty" doc:"Make again what is damaged and can be made from the rest"`
}

// Verified is what a check found wrong, and what was made again.
type Verified struct {
	Collection string `json:"collection"`
	api.Repaired
}

func prepareVerify(s *Server, c *akin.Collection, o VerifyOptions) (work, error) {
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		out := Verified{c.Path(), api.Repaired{Done: []string{}, Problems: []string{}}}
		if !o.Repair {
			tell(client.Progress{Step: "checking"})
			problems, err := c.Verify(ctx)
			out.Problems = append(out.Problems, problems...)
			return out, err
		}
		tell(client.Progress{Step: "waiting for others that write"})
		unlock, err := s.collections.lock(ctx, c.Path())
		if err != nil {
			return nil, err
		}
		defer unlock()
		tell(client.Progress{Step: "checking and repairing"})
		out.Repaired, err = akin.Repair(ctx, c.Path())
		return out, errors.Join(err, s.collections.reopen(ctx, c))
	}, nil
}

// PullOptions say which model to fetch.
type PullOptions struct {
	Model string `json:"model" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$" maxLength:"200" example:"clip-vit-base-patch32" doc:"One that akin knows, or ORG/NAME of the model hub"`
}

func preparePull(s *Server, _ *akin.Collection, o PullOptions) (work, error) {
	if o.Model == "" {
		return nil, invalid{fmt.Errorf("pull needs a model")}
	}
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		note := ""
		return akin.Pull(ctx, o.Model, api.PullOptions{
			HubOnly:  true,
			Home:     string(s.options.Open.Home),
			Hub:      s.options.Open.Hub,
			Note:     func(line string) { note = line },
			Progress: func(done, total int64) { tell(client.Progress{Step: "fetching", Done: done, Total: total, Note: note}) },
		})
	}, nil
}

// IndexOptions say what to index.
type IndexOptions struct {
	Paths     []string `json:"paths,omitempty" maxItems:"100" doc:"Folders, files and lists on the server's machine, and addresses; none is those that were indexed"`
	Prune     bool     `json:"prune,omitempty" doc:"Forget pictures whose files are gone"`
	Include   []string `json:"include,omitempty" maxItems:"100"`
	Exclude   []string `json:"exclude,omitempty" maxItems:"100"`
	Models    []string `json:"models,omitempty" maxItems:"32" doc:"None is those that the collection has and that are here"`
	Precision string   `json:"precision,omitempty" enum:"fp32,int8,fp16"`
}

// modelName is what a model may be called that a client names: no path.
var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$`)

func prepareIndex(s *Server, c *akin.Collection, o IndexOptions) (work, error) {
	for _, m := range o.Models {
		if !modelName.MatchString(m) {
			return nil, invalid{fmt.Errorf("%.100q is no model's name", m)}
		}
	}
	for _, p := range o.Paths {
		if err := s.mayIndex(p); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, tell func(client.Progress)) (any, error) {
		tell(client.Progress{Step: "waiting for others that write"})
		unlock, err := s.collections.lock(ctx, c.Path())
		if err != nil {
			return nil, err
		}
		defer unlock()
		paths, err := indexPaths(ctx, c, o)
		if err != nil {
			return nil, err
		}
		options := s.options.Open
		if options.Models, err = indexModels(ctx, s, c, o); err != nil {
			return nil, err
		}
		if o.Precision != "" {
			options.Precision = o.Precision
		}
		// One of its own, for its models: their memory is free again afterwards.
		own, err := akin.Open(ctx, c.Path(), options)
		if err != nil {
			return nil, err
		}
		defer own.Close()
		note := ""
		return own.Index(ctx, paths, api.IndexOptions{
			Include: o.Include, Exclude: o.Exclude, Prune: o.Prune, Within: s.within(o, paths),
			Problem: func(path string, err error) { note = path + ": " + err.Error() },
			Progress: func(p api.Progress) {
				switch {
				case p.ToOrder > 0:
					tell(client.Progress{Step: "putting in order", Done: int64(p.Ordered), Total: int64(p.ToOrder), Note: note})
				case p.Counted:
					tell(client.Progress{Step: "embedding", Done: int64(p.Done), Total: int64(p.Total), Note: note})
				default:
					tell(client.Progress{Step: "looking", Done: int64(p.Done), Note: fmt.Sprintf("%d new or changed so far", p.Total)})
				}
			},
		})
	}, nil
}

// indexPaths are what to index: what is asked for, else what was indexed and is there.
func indexPaths(ctx context.Context, c *akin.Collection, o IndexOptions) ([]string, error) {
	if len(o.Paths) > 0 {
		return o.Paths, nil
	}
	folders, err := c.Folders(ctx)
	var paths []string
	for _, f := range folders {
		paths = append(paths, f.Path)
	}
	if err == nil && len(paths) == 0 {
		err = invalid{fmt.Errorf("nothing was indexed yet: name paths")}
	}
	return paths, err
}

// indexModels are the models to index with: those asked for, those that the server was
// started with, those that the collection has and that are here, or the default.
func indexModels(ctx context.Context, s *Server, c *akin.Collection, o IndexOptions) ([]string, error) {
	if len(o.Models) > 0 {
		return o.Models, nil
	}
	if len(s.options.Open.Models) > 0 {
		return s.options.Open.Models, nil
	}
	answers, err := c.Answers(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range akin.Models(s.options.Open) {
		if m.Present && slices.Contains(answers.Models, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names, nil
}

// within are the folders that files of an index job may lie in; nil is any. What was indexed
// already may be refreshed where it lies, but leads no further.
func (s *Server) within(o IndexOptions, paths []string) []string {
	if s.options.IndexUnder == nil {
		return nil
	}
	folders := append([]string{}, s.options.IndexUnder...)
	if len(o.Paths) > 0 {
		return folders // where mayIndex let the paths through
	}
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			continue // an address, or what is gone
		}
		if !info.IsDir() {
			p = filepath.Dir(p)
		}
		// A link may have been put in the place of what was indexed.
		if real, err := filepath.EvalSymlinks(p); err == nil && real == filepath.Clean(p) {
			folders = append(folders, p)
		}
	}
	return folders
}

// mayIndex says whether clients may have a path indexed.
func (s *Server) mayIndex(path string) error {
	if strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://") {
		return nil // fetched as queries' addresses are
	}
	if !filepath.IsAbs(path) {
		return invalid{fmt.Errorf("index %s: want an absolute path on the server's machine", path)}
	}
	if s.options.IndexUnder == nil {
		return nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		for _, root := range s.options.IndexUnder {
			if rest, err := filepath.Rel(root, real); err == nil && filepath.IsLocal(rest) {
				return nil
			}
		}
	}
	return huma.Error403Forbidden(fmt.Sprintf("index %s: it lies under no folder that this server may index: start it with --index-under FOLDER", path))
}
