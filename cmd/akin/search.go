package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) searchCommand() *cobra.Command {
	var (
		query    queryFlags
		filter   filterFlags
		o        api.SearchOptions
		minScore float64
		format   string
		zero     bool
		preview  string
		vectors  string
		exact    bool
		fuse     bool
		fusion   fusionFlags
	)
	cmd := &cobra.Command{
		Use:   "search QUERY…",
		Short: "What else looks like this?",
		Long: `Finds the pictures that look most like the query. A query is the name of an
indexed picture, a file, an http(s) address, or text:WORDS for models that read.
Several are added up; "-" before one subtracts it, "2:" gives it a weight. A picture that
is called 2:three or + is 1:2:three and 1:+; a name with a dash before it goes behind --.

Every hit has a score, the cosine to the query, how many of the pictures asked are
as close by luck, and a word. same: the pixels of both were compared. near and
related: more than luck; at most 1 in 100, and 1 in 20, of the hits called so are
luck. weak: luck explains it. Where it explains all hits, the first line is "no good
match". --top 0 shows all hits, down to --min-score or --max-chance, which is about
random pairs and not about how many pictures were asked (docs/scores.md).

` + filterHelp,
		Example: `  akin search Chad
  akin search ~/Downloads/shirt.jpg --top 20 --max-chance 0.01
  akin search Chad + 0.5:Romania - Belgium
  akin search -- -3-0                                  a name that begins with a dash
  akin search poster.png --crop 40,60,300,200
  akin search poster.png --crop 0%,50%,100%,50%        the lower half
  akin search Chad --top 0 --min-score 0.9             everything that close
  akin search cat.jpg --under ~/Pictures --after 2023 --before 2024-07
  akin search cat.jpg --name 'img_*' --tag holiday --not-tag seen
  akin search Chad --fuse --fusion scores              by all models together
  akin search Chad --format paths | akin search Mali --only -
  akin search Chad --format paths -0 | xargs -0 ls -l
  akin search --vectors queries.npy -m efficientnet-lite0 --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if vectors == "" && len(args)+len(query.add)+len(query.subtract) == 0 {
				return fmt.Errorf("no query: name a picture, a file, an address, or text:WORDS")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case !(o.MaxChance >= 0 && o.MaxChance <= 1):
				return usagef("--max-chance %g: want a share, from 0 to 1", o.MaxChance)
			case !(minScore >= -1 && minScore <= 1):
				return usagef("--min-score %g: want a cosine, from -1 to 1", minScore)
			case !(o.Recall > 0 && o.Recall <= 1) && cmd.Flags().Changed("recall"):
				return usagef("--recall %g: want a share, above 0 and up to 1", o.Recall)
			case exact && cmd.Flags().Changed("recall") && o.Recall < 1:
				return usagef("--exact and --recall %g exclude each other", o.Recall)
			case a.json && cmd.Flags().Changed("format") && format != "json":
				return usagef("--json and --format %s exclude each other", format)
			}
			if exact {
				o.Recall = 1
			}
			if cmd.Flags().Changed("min-score") {
				o.MinScore = &minScore
			}
			if a.json && !cmd.Flags().Changed("format") {
				format = "json"
			}
			if o.Top < 0 {
				return usagef("--top %d: want at least 1, or 0 for all", o.Top)
			}
			o.All = o.Top == 0
			var err error
			if o.Filter, err = filter.read(a.in); err != nil {
				return err
			}
			if vectors != "" {
				if len(args) > 0 {
					return usagef("--vectors takes no QUERY besides")
				}
				return a.searchVectors(cmd, vectors, o)
			}
			q, err := query.query(args)
			if err != nil {
				return err
			}
			ask := func(c *akin.Collection) (api.Result, error) { return c.Search(cmd.Context(), q, o) }
			if fuse || fusion.given() {
				if o.MinScore != nil || o.MaxChance > 0 || o.Fold || o.Recall > 0 {
					return usagef("fused scores are no cosines: --fuse goes without --min-score, --max-chance, --fold, --recall and --exact")
				}
				several := api.CompareOptions{Filter: o.Filter, Models: a.models, Top: o.Top, All: o.All, IncludeSelf: o.IncludeSelf}
				if several.Fusion, err = fusion.read(); err != nil {
					return err
				}
				ask = func(c *akin.Collection) (api.Result, error) { return c.SearchFused(cmd.Context(), q, several) }
			} else if o.Model, err = a.oneModel(); err != nil {
				return err
			}
			return a.search(cmd, ask, format, preview, zero)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	query.register(cmd)
	f.IntVarP(&o.Top, "top", "k", 10, "hits to show (0: all)")
	f.Float64Var(&minScore, "min-score", 0, "only hits with at least this cosine")
	f.Float64Var(&o.MaxChance, "max-chance", 0, "only hits that at most this share of random pairs equals, as 0.01")
	filter.register(cmd)
	f.BoolVar(&fuse, "fuse", false, "answer with all models together (those of --model, or all that the collection has)")
	fusion.register(cmd)
	f.BoolVar(&o.Fold, "fold", false, "show hits that are the same picture as a better one under it")
	f.BoolVar(&o.IncludeSelf, "include-self", false, "keep the queried picture itself among the hits")
	f.Float64Var(&o.Recall, "recall", 0, "share of the true hits that is enough, as 0.99: found sooner in millions")
	f.BoolVar(&exact, "exact", false, "find all of them, also where that takes long; the default below some millions")
	f.StringVar(&format, "format", "table", "table, json, jsonl, csv or paths")
	f.BoolVarP(&zero, "null", "0", false, "with --format paths: end each with a zero byte, for xargs -0")
	a.sheetFlag(cmd)
	f.StringVar(&preview, "preview", "auto", "pictures in the terminal: auto, kitty, iterm, sixel, blocks or none")
	f.StringVar(&vectors, "vectors", "", "search with the rows of `FILE.npy` instead (n x dim)")
	return cmd
}

func (a *app) search(cmd *cobra.Command, ask func(*akin.Collection) (api.Result, error), format, preview string, zero bool) error {
	mode, err := term.ParseMode(preview)
	if err != nil {
		return usagef("--preview: %w", err)
	}
	write, ok := map[string]func(api.Result) error{
		"table": func(r api.Result) error { return a.searchTable(cmd.Context(), r, mode) },
		"json":  func(r api.Result) error { return a.writeJSON(r) },
		"jsonl": a.searchLines,
		"csv":   a.searchCSV,
		"paths": func(r api.Result) error { return a.searchPaths(r, zero) },
	}[format]
	if !ok {
		return usagef("--format %s: want table, json, jsonl, csv or paths", format)
	}
	c, err := a.open(cmd.Context(), false)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := ask(c)
	if err != nil {
		return err
	}
	if r.Recall > 0 && !cmd.Flags().Changed("recall") && !a.quiet {
		fmt.Fprintf(a.err, "found %g %% of the hits, on average, for the sake of speed: --exact finds all\n", 100*r.Recall)
	}
	a.noteMissing(r.Missing)
	a.leftOut(r.Skipped)
	a.noteBlank(r.Query)
	if len(r.Models) == 1 {
		a.notef("akin: --fuse had one model, %s: it is asked alone, and the scores are not its cosines", r.Models[0])
	}
	return write(r)
}

// flat is the hits with the folded ones after the hit they fold under.
func flat(hits []api.Hit) []api.Hit {
	var out []api.Hit
	for _, h := range hits {
		folded := h.Folded
		h.Folded = nil
		out = append(append(out, h), flat(folded)...)
	}
	return out
}

func (a *app) searchLines(r api.Result) error {
	enc := a.jsonEncoder()
	for _, h := range r.Hits {
		if err := enc.Encode(h); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) searchCSV(r api.Result) error {
	w := a.sheet(a.data)
	_ = w.Write([]string{"rank", "name", "source", "score", "chance", "grade", "by_luck", "same_pixels"})
	for _, h := range flat(r.Hits) {
		chance, luck, same := "", "", ""
		if h.SamePixels {
			same = "true"
		}
		if h.Chance != nil {
			chance = strconv.FormatFloat(*h.Chance, 'g', -1, 64)
		}
		if h.ByLuck != nil {
			luck = strconv.FormatFloat(*h.ByLuck, 'g', -1, 64)
		}
		_ = w.Write([]string{strconv.Itoa(h.Rank), h.Name, h.Source, strconv.FormatFloat(h.Score, 'f', -1, 32), chance, string(h.Grade), luck, same})
	}
	w.Flush()
	return w.Error()
}

func (a *app) searchPaths(r api.Result, zero bool) error {
	end := "\n"
	if zero {
		end = "\x00"
	}
	for _, h := range flat(r.Hits) {
		if _, err := io.WriteString(a.data, h.Source+end); err != nil {
			return err
		}
	}
	return nil
}

// searchVectors answers with one list of hits a row of the file.
func (a *app) searchVectors(cmd *cobra.Command, path string, o api.SearchOptions) error {
	if len(a.models) != 1 {
		return usagef("--vectors needs the one model that made them: -m MODEL")
	}
	o.Model = a.models[0]
	c, err := a.open(cmd.Context(), false)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.SearchFile(cmd.Context(), path, o)
	if err != nil {
		return err
	}
	a.noteMissing(r.Missing)
	if a.json {
		return a.writeJSON(r)
	}
	for i, names := range r.Names {
		for j, name := range names {
			if _, err := fmt.Fprintf(a.data, "%d\t%d\t%.6f\t%s\t%s\n", i, j+1, r.Scores[i][j], name, r.Grades[i][j]); err != nil {
				return err
			}
		}
	}
	return nil
}
