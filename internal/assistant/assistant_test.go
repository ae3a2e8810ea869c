package assistant_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/assistant"
	"github.com/akin-search/akin/internal/golden"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// An assistant of the official kind asks, over the protocol, about real flags.
func TestAssistantAsks(t *testing.T) {
	t.Parallel()
	deps, flags := golden.Deps(t), golden.Flags(t)
	library, _ := filepath.Glob(filepath.Join(deps, "lib", "*onnxruntime*.so*"))
	if len(library) == 0 {
		t.Skip("ONNX Runtime is absent: run `make setup` first")
	}
	c, err := akin.Open(t.Context(), filepath.Join(t.TempDir(), "flags.akin"), akin.Options{Library: library[0], ModelDirs: []string{filepath.Join(deps, "models")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := c.Index(t.Context(), []string{filepath.Join(flags, "images")}, api.IndexOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, model := range []string{"clip", "vgg16"} { // the article's own embeddings
		file := filepath.Join(flags, "embeddings", "national_flag_embeddings_"+model+".csv")
		if _, err := c.Import(t.Context(), api.ImportOptions{Model: model, File: file}); err != nil {
			t.Fatal(err)
		}
	}
	a := connect(t, c)
	chad := map[string]any{"query": []map[string]any{{"picture": "Chad"}}, "top": 3}

	t.Run("describe", func(t *testing.T) {
		said, _, out := a.call(t, "describe_collection", nil)
		if !strings.HasPrefix(said, "195 pictures in ") || len(out["models"].([]any)) != 3 {
			t.Errorf("%s%v", said, out)
		}
	})
	t.Run("find", func(t *testing.T) {
		said, sheet, _ := a.call(t, "find_pictures", map[string]any{"words": "guinea"})
		if !strings.HasPrefix(said, "4 of 4 pictures: Guinea") || sheet == nil { // Guinea, -Bissau, Equatorial, Papua New
			t.Error(said)
		}
	})
	t.Run("search", func(t *testing.T) {
		said, sheet, out := a.call(t, "search", chad)
		if !strings.Contains(said, "\n1. Romania (") {
			t.Error(said)
		}
		picture, err := png.Decode(bytes.NewReader(sheet))
		if err != nil {
			t.Fatal(err)
		}
		if size := picture.Bounds().Size(); size.X != 3*200+8 || size.Y != 200+8 {
			t.Errorf("the sheet of three hits has %v pixels", size)
		}
		if hits := out["hits"].([]any); len(hits) != 3 || hits[0].(map[string]any)["name"] != "Romania" {
			t.Errorf("%v", out)
		}
	})
	t.Run("search by a file and a region", func(t *testing.T) {
		said, _, _ := a.call(t, "search", map[string]any{"top": 2, "query": []map[string]any{
			{"picture": filepath.Join(flags, "images", "Indonesia.png"), "crop": map[string]any{"x": 0, "y": 0, "width": 1, "height": 1}},
			{"picture": "Chad", "weight": -0.5},
		}})
		if !strings.Contains(said, "Monaco") || !strings.Contains(said, " - 0.5 × Chad") {
			t.Error(said)
		}
	})
	t.Run("no good match", func(t *testing.T) {
		said, sheet, _ := a.call(t, "search", map[string]any{"query": []map[string]any{{"picture": "Nepal"}}, "max_chance": 1e-9})
		if !strings.HasPrefix(said, "No good match for Nepal") || sheet != nil {
			t.Error(said)
		}
	})
	t.Run("compare", func(t *testing.T) {
		said, sheet, out := a.call(t, "compare_models", map[string]any{"query": []map[string]any{{"picture": "India"}}, "models": []string{"clip", "vgg16"}})
		// Pakistan is second in CLIP and 14th in VGG16; seven pictures are as close as Niger by luck.
		if !strings.HasPrefix(said, "No good match for India") || !strings.Contains(said, "row 1, clip: no good match, Niger*, Pakistan*") {
			t.Error(said)
		}
		if rows := out["rows"].([]any); len(rows) != 3 || sheet == nil {
			t.Errorf("%d rows", len(rows))
		}
	})
	t.Run("explain", func(t *testing.T) {
		said, sheet, out := a.call(t, "explain_pair", map[string]any{"a": "Chad", "b": "Romania"})
		if !strings.HasPrefix(said, "Chad and Romania have a cosine of ") || sheet == nil {
			t.Error(said)
		}
		// The parts of either map sum to the score, which is that of a search.
		_, _, found := a.call(t, "search", chad)
		score := out["score"].(float64)
		if hit := found["hits"].([]any)[0].(map[string]any); math.Abs(hit["score"].(float64)-score) > 1e-4 {
			t.Errorf("a search scores %v, and the explanation %f", hit["score"], score)
		}
		for _, side := range []string{"a", "b"} {
			if sum := out[side].(map[string]any)["sum"].(float64); math.Abs(sum-score) > 1e-6 {
				t.Errorf("%s sums to %f, the score is %f", side, sum, score)
			}
		}
	})
	t.Run("bias", func(t *testing.T) {
		said, sheet, _ := a.call(t, "find_bias", map[string]any{"pairs": []map[string]any{{"a": "India", "b": "Pakistan"}}})
		if !strings.Contains(said, "1. India and Pakistan: ") || !strings.Contains(said, "clip:[2 5]") || sheet == nil {
			t.Error(said)
		}
	})
	for name, arguments := range map[string]map[string]any{
		"a name that is not there": {"query": []map[string]any{{"picture": "Atlantis"}}},
		"an empty query":           {"query": []map[string]any{}},
		"both a picture and words": {"query": []map[string]any{{"picture": "Chad", "text": "blue"}}},
		"words and no reader":      {"query": []map[string]any{{"text": "three stars"}}},
		"a region outside":         {"query": []map[string]any{{"picture": "Chad", "crop": map[string]any{"x": 0.9, "y": 0, "width": 0.5, "height": 1}}}},
		"a field that is none":     {"query": []map[string]any{{"picture": "Chad"}}, "topp": 3},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := a.CallTool(t.Context(), &mcp.CallToolParams{Name: "search", Arguments: arguments})
			if err == nil && !r.IsError {
				t.Errorf("no error: %v", text(r))
			}
		})
	}
}

// client is an assistant.
type client struct{ *mcp.ClientSession }

func connect(t *testing.T, c *akin.Collection) client {
	t.Helper()
	ours, theirs := mcp.NewInMemoryTransports()
	if _, err := assistant.New(c, "test").Connect(t.Context(), ours, nil); err != nil {
		t.Fatal(err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), theirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return client{session}
}

// call gives what a tool says, its sheet as PNG, and its JSON.
func (c client) call(t *testing.T, tool string, arguments map[string]any) (said string, sheet []byte, out map[string]any) {
	t.Helper()
	r, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		t.Fatal(err)
	}
	if r.IsError {
		t.Fatalf("%s: %s", tool, text(r))
	}
	for _, content := range r.Content {
		if picture, ok := content.(*mcp.ImageContent); ok {
			sheet = picture.Data
			if dir := os.Getenv("AKIN_SHEETS"); dir != "" { // to look at them
				_ = os.WriteFile(filepath.Join(dir, tool+".png"), sheet, 0o666)
			}
		}
	}
	data, err := json.Marshal(r.StructuredContent)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text(r), sheet, out
}

func text(r *mcp.CallToolResult) string {
	if len(r.Content) == 0 {
		return ""
	}
	return r.Content[0].(*mcp.TextContent).Text
}
