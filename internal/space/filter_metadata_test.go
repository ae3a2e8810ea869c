package space

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
)

func at(latitude, longitude float64) *record.Position {
	return &record.Position{Latitude: latitude, Longitude: longitude}
}

// photographs is a collection whose pictures lie at 0, 10, 20 … degrees to the first one, which is the query.
func photographs(t *testing.T) *Collection {
	t.Helper()
	c, err := Open(t.Context(), filepath.Join(t.TempDir(), "c.akin"), models.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	w, err := c.Writer()
	must(t, err)
	s, err := w.Space(t.Context(), "m", "f", 2)
	must(t, err)
	var b record.Batch
	for i, p := range []struct {
		name, taken string
		record.Metadata
	}{
		{"query", "", record.Metadata{}},
		{"eiffel", "2024-07-01T10:00:00", record.Metadata{Camera: "NIKON D850", Lens: "EF24-105mm f/4L IS/USM", Rating: 5, Label: "Green", Keywords: []string{"Paris", "tower"}, Position: at(48.8584, 2.2945), Title: "La Tour Eiffel", Caption: "l\u2019\u00e9t\u00e9 de 2024, at dawn; \u6771\u4eac\u30bf\u30ef\u30fc is another"}},
		{"louvre", "2024-06-30T23:59:59", record.Metadata{Camera: "Apple iPhone 15", Rating: 3, Label: "green", Keywords: []string{"Paris", "art / museum"}, Position: at(48.8606, 2.3376)}},
		{"london", "2023-12-31T10:00:00", record.Metadata{Camera: "NIKON Z 6", Rating: -1, Keywords: []string{"tower"}, Position: at(51.5055, -0.0754), Caption: "A Tour of the Tower"}},
		{"fiji", "2024-01-01T00:00:00", record.Metadata{Camera: "Apple iPhone 15 Pro", Lens: "back camera [wide", Position: at(-17.8, 178)}},
		{"samoa", "", record.Metadata{Position: at(-13.8, -172)}},
		{"pole", "2022-05-05T00:00:00", record.Metadata{Rating: 4, Position: at(90, 0)}},
	} {
		hash := sha256.Sum256([]byte(p.name))
		angle := float64(i) * math.Pi / 18
		b.Puts = append(b.Puts, record.Put{Source: "/photos/" + p.name + ".jpg", Root: "/photos", Hash: hash, Format: "jpeg", Taken: p.taken, Metadata: &p.Metadata})
		b.Embeddings = append(b.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: []float32{float32(math.Cos(angle)), float32(math.Sin(angle))}})
	}
	must(t, errors.Join(w.Commit(t.Context(), b), w.Close()))
	return c
}

func TestPicturesAreChosenByWhatTheirFilesSay(t *testing.T) {
	t.Parallel()
	here := photographs(t)
	there := remotely(t, here)
	for _, x := range []struct {
		why    string
		filter api.Filter
		want   []string
	}{
		{"a camera", api.Filter{Cameras: []string{"NIKON D850"}}, []string{"eiffel"}},
		{"in another case", api.Filter{Cameras: []string{"apple IPHONE 15"}}, []string{"louvre"}},
		{"a glob", api.Filter{Cameras: []string{"nikon*"}}, []string{"eiffel", "london"}},
		{"either", api.Filter{Cameras: []string{"*d850", "*15"}}, []string{"eiffel", "louvre"}},
		{"a lens with a slash", api.Filter{Lenses: []string{"ef24-105mm f/4l is/usm"}}, []string{"eiffel"}},
		{"a star goes over slashes", api.Filter{Lenses: []string{"EF24*USM"}}, []string{"eiffel"}},
		{"a value that is no glob", api.Filter{Lenses: []string{"back camera [wide"}}, []string{"fiji"}},
		{"a label, however it is written", api.Filter{Labels: []string{"GREEN"}}, []string{"eiffel", "louvre"}},
		{"a keyword", api.Filter{Keywords: []string{"tower"}}, []string{"eiffel", "london"}},
		{"keywords, all of them", api.Filter{Keywords: []string{"tower", "paris"}}, []string{"eiffel"}},
		{"a keyword's glob", api.Filter{Keywords: []string{"*museum"}}, []string{"louvre"}},
		{"stars, or more", api.Filter{Rating: 4}, []string{"eiffel", "pole"}},
		{"one star: not the rejected", api.Filter{Rating: 1}, []string{"eiffel", "louvre", "pole"}},

		{"a year", api.Filter{Taken: "2024"}, []string{"eiffel", "louvre", "fiji"}},
		{"a month", api.Filter{Taken: "2024-06"}, []string{"louvre"}},
		{"a day", api.Filter{Taken: "2024-07-01"}, []string{"eiffel"}},

		// From the tower to the Louvre it is 3.16 km, and to the Tower of London 339 km.
		{"near", api.Filter{Near: []float64{48.8584, 2.2945, 3.1}}, []string{"eiffel"}},
		{"a little further", api.Filter{Near: []float64{48.8584, 2.2945, 3.2}}, []string{"eiffel", "louvre"}},
		{"across the Channel", api.Filter{Near: []float64{48.8584, 2.2945, 342}}, []string{"eiffel", "louvre", "london"}},
		{"across the antimeridian: Fiji to Samoa is 1160 km", api.Filter{Near: []float64{-17.8, 178, 1200}}, []string{"fiji", "samoa"}},
		{"from the other side of the pole: 89 to 90 degrees are 111 km", api.Filter{Near: []float64{89, 180, 112}}, []string{"pole"}},
		{"as far as it goes", api.Filter{Near: []float64{0, 0, 1e9}}, []string{"eiffel", "louvre", "london", "fiji", "samoa", "pole"}},
		{"a box", api.Filter{Box: []float64{48, 2, 49, 3}}, []string{"eiffel", "louvre"}},
		{"a box across the antimeridian", api.Filter{Box: []float64{-20, 170, -10, -170}}, []string{"fiji", "samoa"}},

		{"a word of title or caption", api.Filter{Captions: []string{"tour"}}, []string{"eiffel", "london"}},
		{"the beginning of one", api.Filter{Captions: []string{"tow"}}, []string{"london"}},
		{"not the end of one", api.Filter{Captions: []string{"awn"}}, nil},
		{"words, in any order and place", api.Filter{Captions: []string{"dawn EIFFEL"}}, []string{"eiffel"}},
		{"words of two texts", api.Filter{Captions: []string{"tour", "of the"}}, []string{"london"}},
		{"after an apostrophe, composed or not", api.Filter{Captions: []string{"e\u0301te\u0301"}}, []string{"eiffel"}},
		{"with an apostrophe of another kind", api.Filter{Captions: []string{"l'\u00e9t\u00e9"}}, []string{"eiffel"}},
		{"a number", api.Filter{Captions: []string{"2024"}}, []string{"eiffel"}},
		{"where no blanks are between words", api.Filter{Captions: []string{"\u30bf\u30ef\u30fc"}}, []string{"eiffel"}},
		{"signs in that order only", api.Filter{Captions: []string{"\u4eac\u6771"}}, nil},

		{"all of it", api.Filter{Cameras: []string{"nikon*", "apple*"}, Keywords: []string{"paris"}, Rating: 3, Taken: "2024", Near: []float64{48.85, 2.35, 10}, Names: []string{"l*"}}, []string{"louvre"}},
	} {
		for where, c := range map[string]*Collection{"a folder": here, "a cluster": there} {
			r, err := c.Search(t.Context(), api.Like("query"), api.SearchOptions{Filter: x.filter, Model: "m"})
			if x.want == nil && errors.Is(err, api.ErrEmptyFilter) {
				err = nil
			}
			if err != nil || !slices.Equal(names(r.Hits), x.want) {
				t.Errorf("%s, %s: %v, %v, want %v", where, x.why, names(r.Hits), err, x.want)
			}
			list, err := c.Pictures(t.Context(), api.ListOptions{Filter: x.filter})
			if err != nil || list.Total != len(x.want) {
				t.Errorf("%s, %s: a list of %d, %v, want %d", where, x.why, list.Total, err, len(x.want))
			}
		}
	}
}

// A cluster that holds more pictures of a camera than can be listed in a request is asked for the nearest, and others are dropped.
func TestManyPicturesOfACameraInACluster(t *testing.T) {
	t.Parallel()
	c, err := Open(t.Context(), filepath.Join(t.TempDir(), "c.akin"), models.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	w, err := c.Writer()
	must(t, err)
	s, err := w.Space(t.Context(), "m", "f", 2)
	must(t, err)
	var b record.Batch
	for i := range 12_000 {
		m := record.Metadata{Camera: "common"}
		if i%10 == 3 {
			m.Camera = "rare"
		}
		source := fmt.Sprintf("/photos/%05d.jpg", i)
		hash := sha256.Sum256([]byte(source))
		angle := float64(i) / 12_000
		b.Puts = append(b.Puts, record.Put{Source: source, Root: "/photos", Hash: hash, Format: "jpeg", Metadata: &m})
		b.Embeddings = append(b.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: []float32{float32(math.Cos(angle)), float32(math.Sin(angle))}})
	}
	must(t, errors.Join(w.Commit(t.Context(), b), w.Close()))
	there := remotely(t, c)
	for _, camera := range []string{"common", "rare"} { // 10,800 and 1200
		o := api.SearchOptions{Filter: api.Filter{Cameras: []string{camera}}, Model: "m", Top: 20}
		query := api.Like("00003")
		want, err := c.Search(t.Context(), query, o)
		must(t, err)
		got, err := there.Search(t.Context(), query, o)
		must(t, err)
		if len(want.Hits) != 20 || !slices.Equal(names(got.Hits), names(want.Hits)) {
			t.Errorf("%s: %v, want %v", camera, names(got.Hits), names(want.Hits))
		}
		must(t, errors.Join(c.Describe(t.Context(), want.Hits), there.Describe(t.Context(), got.Hits)))
		for _, h := range slices.Concat(want.Hits, got.Hits) {
			if h.Metadata == nil || h.Metadata.Camera != camera {
				t.Errorf("%s: %s has %+v", camera, h.Name, h.Metadata)
			}
		}
	}
}

func TestAValueThatNoPictureHasSaysWhichIsMeant(t *testing.T) {
	t.Parallel()
	c := photographs(t)
	for _, x := range []struct {
		filter api.Filter
		want   string
		why    string
	}{
		{api.Filter{Cameras: []string{"d850"}}, `none has the camera "d850"; did you mean NIKON D850?`, "the make is missing"},
		{api.Filter{Cameras: []string{"NIKON D85O"}}, `none has the camera "NIKON D85O"; did you mean NIKON D850?`, "a letter for a digit"},
		{api.Filter{Cameras: []string{"iphone*"}}, `none has the camera "iphone*"; did you mean Apple iPhone 15, Apple iPhone 15 Pro?`, "a glob of the whole name"},
		{api.Filter{Keywords: []string{"Paris", "towre"}}, `none has the keyword "towre"; did you mean tower?`, "one of two"},
		{api.Filter{Labels: []string{"Ultraviolet"}}, `none has the label "Ultraviolet"`, "nothing is like it"},
	} {
		_, err := c.Search(t.Context(), api.Like("query"), api.SearchOptions{Filter: x.filter, Model: "m"})
		if !errors.Is(err, api.ErrEmptyFilter) || !strings.HasSuffix(err.Error(), x.want) {
			t.Errorf("%s: %v, want %s", x.why, err, x.want)
		}
	}
	_, err := c.Search(t.Context(), api.Like("query"), api.SearchOptions{Filter: api.Filter{Taken: "2024", Box: []float64{0, 0, 1, 1}}, Model: "m"})
	if !errors.Is(err, api.ErrEmptyFilter) || !strings.HasSuffix(err.Error(), "7 in the collection, 0 between 0,0 and 1,1") {
		t.Errorf("%v", err)
	}
}

func TestMalformedMetadataFiltersAreRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range []struct {
		field  string
		filter api.Filter
	}{
		{"cameras", api.Filter{Cameras: []string{" "}}}, {"lenses", api.Filter{Lenses: []string{"[a*"}}}, {"rating", api.Filter{Rating: 6}}, {"rating", api.Filter{Rating: -1}},
		{"taken", api.Filter{Taken: "yesterday"}}, {"taken", api.Filter{Taken: "2024-07-31T12:00:00"}}, {"taken", api.Filter{Taken: "2023-02-29"}},
		{"near", api.Filter{Near: []float64{}}}, {"near", api.Filter{Near: []float64{1, 2}}}, {"near", api.Filter{Near: []float64{91, 0, 1}}}, {"near", api.Filter{Near: []float64{0, 181, 1}}},
		{"near", api.Filter{Near: []float64{0, 0, 0}}}, {"near", api.Filter{Near: []float64{math.NaN(), 0, 1}}}, {"near", api.Filter{Near: []float64{0, 0, math.Inf(1)}}},
		{"box", api.Filter{Box: []float64{1, 2, 3}}}, {"box", api.Filter{Box: []float64{10, 0, 0, 1}}}, {"box", api.Filter{Box: []float64{0, -181, 1, 1}}},
	} {
		err := CheckFilter(bad.filter)
		if e, ok := errors.AsType[*api.FilterError](err); !ok || e.Field != bad.field {
			t.Errorf("%+v: %v", bad.filter, err)
		}
	}
}

func TestFacetsCountWhatAFilterLeaves(t *testing.T) {
	t.Parallel()
	c := photographs(t)
	type counts map[string]int
	of := func(values []api.FacetValue) counts {
		out := counts{}
		for _, v := range values {
			out[v.Value] = v.Pictures
		}
		return out
	}
	f, err := c.Facets(t.Context(), api.FacetOptions{})
	must(t, err)
	for _, x := range []struct {
		why       string
		got, want counts
	}{
		{"cameras", of(f.Cameras), counts{"NIKON D850": 1, "NIKON Z 6": 1, "Apple iPhone 15": 1, "Apple iPhone 15 Pro": 1}},
		{"labels, as first written", of(f.Labels), counts{"Green": 2}},
		{"keywords", of(f.Keywords), counts{"Paris": 2, "tower": 2, "art / museum": 1}},
		{"ratings", of(f.Ratings), counts{"5": 1, "4": 1, "3": 1, "-1": 1}},
		{"years", of(f.Years), counts{"2024": 3, "2023": 1, "2022": 1}},
	} {
		if !reflect.DeepEqual(x.got, x.want) {
			t.Errorf("%s: %v, want %v", x.why, x.got, x.want)
		}
	}
	if f.Located != 6 || f.Ratings[0].Value != "5" || f.Ratings[3].Value != "-1" || f.Years[0].Value != "2024" || f.Keywords[0].Value != "Paris" || f.Keywords[2].Pictures != 1 {
		t.Errorf("%+v", f)
	}

	f, err = c.Facets(t.Context(), api.FacetOptions{Filter: api.Filter{Cameras: []string{"nikon*"}, Keywords: []string{"tower"}, Taken: "2024"}, Limit: 1})
	must(t, err)
	for _, x := range []struct {
		why       string
		got, want any
	}{
		{"cameras without their own condition, and no more than asked for", f.Cameras, []api.FacetValue{{Value: "NIKON D850", Pictures: 1}}},
		{"keywords with it", f.Keywords, []api.FacetValue{{Value: "Paris", Pictures: 1}}},
		{"years without it", f.Years, []api.FacetValue{{Value: "2024", Pictures: 1}}},
		{"ratings", f.Ratings, []api.FacetValue{{Value: "5", Pictures: 1}}},
		{"places", f.Located, 1},
	} {
		if !reflect.DeepEqual(x.got, x.want) {
			t.Errorf("%s: %v, want %v", x.why, x.got, x.want)
		}
	}
}

// A store without metadata says so: no picture is not the answer.
func TestWithoutMetadataThatIsSaid(t *testing.T) {
	t.Parallel()
	here := made(t)
	for where, c := range map[string]*Collection{"an old folder": here, "a cluster": remotely(t, here)} {
		for _, f := range []api.Filter{{Cameras: []string{"x"}}, {Rating: 1}, {Near: []float64{0, 0, 1}}, {Captions: []string{"x"}}, {Keywords: []string{"*"}}} {
			if _, err := c.Search(t.Context(), api.Like("query"), api.SearchOptions{Filter: f, Model: "m"}); !errors.Is(err, record.ErrNoMetadata) {
				t.Errorf("%s, %+v: %v", where, f, err)
			}
			if _, err := c.Pictures(t.Context(), api.ListOptions{Filter: f}); !errors.Is(err, record.ErrNoMetadata) {
				t.Errorf("%s, a list of %+v: %v", where, f, err)
			}
		}
		facets, err := c.Facets(t.Context(), api.FacetOptions{})
		if err != nil || len(facets.Cameras) > 0 || facets.Cameras == nil || len(facets.Years) == 0 {
			t.Errorf("%s: %+v, %v", where, facets, err)
		}
		if r, err := c.Search(t.Context(), api.Like("query"), api.SearchOptions{Filter: api.Filter{Taken: "2024"}, Model: "m"}); err != nil || len(r.Hits) == 0 {
			t.Errorf("%s: a year: %v, %v", where, names(r.Hits), err)
		}
	}
}

// BenchmarkMetadata filters 100,000 pictures of 40 cameras, with 5 of 2000 keywords each and places in one city and all over
// the world. "first" reads what is read once after a commit.
func BenchmarkMetadata(b *testing.B) {
	const pictures = 100_000
	c := madeOfMany(b, pictures, 1)
	w, err := c.Writer()
	must(b, err)
	known, err := c.Store.Known(b.Context())
	must(b, err)
	var batch record.Batch
	err = c.Store.Each(b.Context(), nil, func(some []record.Stored) error {
		for _, p := range some {
			i := int(known[p.Source].ID)
			m := record.Metadata{Camera: fmt.Sprintf("Maker %d Model %d", i%8, i%40), Lens: fmt.Sprint("Lens ", i%60), Rating: i % 6, Position: at(float64(i*7919%180-90)+0.5, float64(i*104729%360-180))}
			if i%2 == 0 {
				m.Position = at(48.8+float64(i%1000)/1e4, 2.3+float64(i%997)/1e4)
			}
			for k := range 5 {
				m.Keywords = append(m.Keywords, fmt.Sprint("word ", (i*(k+3))%2000))
			}
			p.Metadata = &m
			batch.Puts = append(batch.Puts, p.Put)
		}
		return nil
	})
	must(b, err)
	must(b, errors.Join(w.Commit(b.Context(), batch), w.Prepare(b.Context(), nil), w.Close()))
	for _, x := range []struct {
		name   string
		filter api.Filter
	}{
		{"camera", api.Filter{Cameras: []string{"Maker 3 Model 3"}}},
		{"half of the cameras", api.Filter{Cameras: []string{"* Model [13579]", "* Model ?[13579]"}}},
		{"keyword", api.Filter{Keywords: []string{"word 42"}}},
		{"rating", api.Filter{Rating: 4}},
		{"near, in a city of half the pictures", api.Filter{Near: []float64{48.85, 2.35, 3}}},
		{"near, elsewhere", api.Filter{Near: []float64{-33.5, 151, 300}}},
		{"box", api.Filter{Box: []float64{35, 6, 47, 19}}},
		{"year", api.Filter{Taken: "1970"}},
		{"camera, keyword, rating, near", api.Filter{Cameras: []string{"maker 2*"}, Keywords: []string{"word *0"}, Rating: 2, Near: []float64{48.85, 2.35, 10}}},
	} {
		o := api.ListOptions{Limit: 60, Filter: x.filter}
		b.Run(x.name, func(b *testing.B) {
			list, err := c.Pictures(b.Context(), o)
			must(b, err)
			b.ReportMetric(float64(list.Total), "pictures")
			for b.Loop() {
				_, err := c.Pictures(b.Context(), o)
				must(b, err)
			}
		})
		b.Run(x.name+", first", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c.Rest()
				s, err := c.Catalog(b.Context())
				must(b, err)
				b.StartTimer()
				_, err = passing(b.Context(), s, x.filter)
				must(b, errors.Join(err, s.Close()))
			}
		})
	}
	for _, x := range []struct {
		name   string
		filter api.Filter
	}{{"facets", api.Filter{}}, {"facets of a camera", api.Filter{Cameras: []string{"Maker 3 Model 3"}}}} {
		b.Run(x.name, func(b *testing.B) {
			for b.Loop() {
				_, err := c.Facets(b.Context(), api.FacetOptions{Filter: x.filter})
				must(b, err)
			}
		})
		b.Run(x.name+", first", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c.Rest()
				b.StartTimer()
				_, err := c.Facets(b.Context(), api.FacetOptions{Filter: x.filter})
				must(b, err)
			}
		})
	}
}

// A copy has the metadata, and one that was made before there was any gets it.
func TestACopyHasTheMetadata(t *testing.T) {
	t.Parallel()
	c := photographs(t)
	to := filepath.Join(t.TempDir(), "copy.akin")
	facets := func(c *Collection) api.Facets {
		t.Helper()
		f, err := c.Facets(t.Context(), api.FacetOptions{})
		must(t, err)
		return f
	}
	for _, x := range []struct {
		why    string
		copied int
	}{{"all", 7}, {"nothing more", 0}, {"what was made before there was any", 7}} {
		if x.why == "what was made before there was any" {
			db, err := sql.Open("sqlite3", filepath.Join(to, "akin.db"))
			must(t, err)
			_, err = db.Exec(`DELETE FROM picture_value; DELETE FROM metadata`)
			must(t, errors.Join(err, db.Close()))
		}
		r, err := store.Copy(t.Context(), c.Location, to, api.CopyOptions{Home: t.TempDir()})
		if err != nil || r.Copied != x.copied {
			t.Errorf("%s: %+v, %v", x.why, r, err)
		}
		other, err := Open(t.Context(), to, models.Options{})
		must(t, err)
		if got, want := facets(other), facets(c); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", x.why, got, want)
		}
		must(t, other.Close())
	}
}
