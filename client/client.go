// Package client queries a server over HTTP, with the types of package api:
//
//	c, err := client.New("http://127.0.0.1:7777", client.Options{Token: os.Getenv("AKIN_TOKEN")})
//	if err != nil { … }
//	result, err := c.Search(ctx, "default", api.SearchRequest{
//		Query: []api.SearchTerm{{Picture: "Chad"}}, Top: 5,
//	})
//
// An error of the server is a *Problem.
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
)

// Options say how to reach a server. The zero value is for one without a token.
type Options struct {
	Token string       // the server's; it stores one in serve-token in its user's data folder
	HTTP  *http.Client // nil means http.DefaultClient
}

// Client is a client of one server. It is safe for concurrent use.
type Client struct {
	base    string
	options Options
}

// New returns a client of the server at an address such as http://127.0.0.1:7777, with the server's
// prefix if it has one.
func New(address string, o Options) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no http or https address", address)
	}
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	return &Client{base: strings.TrimRight(address, "/") + "/api/v1", options: o}, nil
}

// in returns the path of a collection or of something in it.
func in(collection string, what ...string) string {
	return "/collections/" + url.PathEscape(collection) + strings.Join(append([]string{""}, what...), "/")
}

// do sends a request. A status of 300 or more is an error.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, kind string, body io.Reader) (*http.Response, error) {
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if c.options.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.options.Token)
	}
	answer, err := c.options.HTTP.Do(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < 300 {
		return answer, nil
	}
	defer answer.Body.Close()
	p := &api.Problem{}
	data, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil || json.Unmarshal(data, p) != nil || p.Status == 0 {
		p = &api.Problem{Title: http.StatusText(answer.StatusCode), Status: answer.StatusCode, Detail: fmt.Sprintf("%s: the server answers %s", address, answer.Status)}
	}
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return nil, p
}

// ask sends what in is as JSON, nothing when it is nil, and reads the answer into out.
func (c *Client) ask(ctx context.Context, method, path string, query url.Values, in, out any) error {
	var body io.Reader
	kind := ""
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body, kind = bytes.NewReader(data), "application/json"
	}
	answer, err := c.do(ctx, method, path, query, kind, body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("read the answer of %s %s: %w", method, path, err)
	}
	return nil
}

// Collections describes all collections.
func (c *Client) Collections(ctx context.Context) ([]api.CollectionInfo, error) {
	var out struct{ Collections []api.CollectionInfo }
	err := c.ask(ctx, http.MethodGet, "/collections", nil, nil, &out)
	return out.Collections, err
}

// Collection describes one collection.
func (c *Client) Collection(ctx context.Context, name string) (out api.CollectionInfo, err error) {
	err = c.ask(ctx, http.MethodGet, in(name), nil, nil, &out)
	return out, err
}

// CreateCollection creates a collection, or returns the existing one of that name.
func (c *Client) CreateCollection(ctx context.Context, name string) (out api.CollectionInfo, err error) {
	err = c.ask(ctx, http.MethodPost, "/collections", nil, map[string]string{"name": name}, &out)
	return out, err
}

// RenameCollection gives a collection another name.
func (c *Client) RenameCollection(ctx context.Context, from, to string) (out api.CollectionInfo, err error) {
	err = c.ask(ctx, http.MethodPatch, in(from), nil, api.CollectionName{Name: to}, &out)
	return out, err
}

// RemoveCollection moves a collection aside.
func (c *Client) RemoveCollection(ctx context.Context, name string) (out api.RemovedCollection, err error) {
	err = c.ask(ctx, http.MethodDelete, in(name), nil, nil, &out)
	return out, err
}

// RestoreCollection brings a removed collection back under a name.
func (c *Client) RestoreCollection(ctx context.Context, removed, name string) (out api.CollectionInfo, err error) {
	err = c.ask(ctx, http.MethodPost, "/removed/"+url.PathEscape(removed), nil, api.CollectionName{Name: name}, &out)
	return out, err
}

// Drop removes the embeddings of a model; fingerprint, or the first digits of it, tells apart the spaces of one model.
func (c *Client) Drop(ctx context.Context, collection, model, fingerprint string) (out api.SpaceInfo, err error) {
	query := url.Values{"model": {model}}
	if fingerprint != "" {
		query.Set("fingerprint", fingerprint)
	}
	err = c.ask(ctx, http.MethodDelete, in(collection, "spaces"), query, nil, &out)
	return out, err
}

// Folders lists the folders in a folder of the server's machine that may be indexed; "" returns places to begin.
func (c *Client) Folders(ctx context.Context, path string) (out api.FolderList, err error) {
	query := url.Values{}
	if path != "" {
		query.Set("path", path)
	}
	err = c.ask(ctx, http.MethodGet, "/folders", query, nil, &out)
	return out, err
}

// CountPictures counts the pictures below a folder of the server's machine.
func (c *Client) CountPictures(ctx context.Context, path string) (out api.FolderCount, err error) {
	err = c.ask(ctx, http.MethodGet, "/folders/count", url.Values{"path": {path}}, nil, &out)
	return out, err
}

// AddFile sends a picture's file, to be indexed; path is what it is called, with the folders that it lies in.
func (c *Client) AddFile(ctx context.Context, collection, path string, picture io.Reader) (out api.AddedFile, err error) {
	answer, err := c.do(ctx, http.MethodPost, in(collection, "files"), url.Values{"path": {path}}, "application/octet-stream", picture)
	if err != nil {
		return out, err
	}
	defer answer.Body.Close()
	return out, json.NewDecoder(answer.Body).Decode(&out)
}

// Pictures lists pictures, a page at a time.
func (c *Client) Pictures(ctx context.Context, collection string, o api.ListOptions) (out api.PictureList, err error) {
	f := o.Filter
	f.Under = cmp.Or(f.Under, o.Under)
	f.Tags = append([]string{o.Tag}, f.Tags...)
	query := filterQuery(f)
	for key, value := range map[string]string{"q": o.Typed, "cursor": o.After, "sort": o.Sort} {
		if value != "" {
			query.Set(key, value)
		}
	}
	if o.Limit > 0 {
		query.Set("limit", strconv.Itoa(o.Limit))
	}
	err = c.ask(ctx, http.MethodGet, in(collection, "pictures"), query, nil, &out)
	return out, err
}

// filterQuery is a filter in a URL.
func filterQuery(f api.Filter) url.Values {
	query := url.Values{}
	for key, values := range map[string][]string{
		"under": {f.Under}, "tag": f.Tags, "not_tag": f.NotTags, "names": f.Names, "after": {f.After}, "before": {f.Before}, "taken": {f.Taken},
		"camera": f.Cameras, "lens": f.Lenses, "label": f.Labels, "keyword": f.Keywords, "caption": f.Captions, "near": {numbers(f.Near)}, "box": {numbers(f.Box)},
	} {
		for _, value := range values {
			if value != "" {
				query.Add(key, value)
			}
		}
	}
	if f.Rating != 0 {
		query.Set("rating", strconv.Itoa(f.Rating))
	}
	return query
}

// numbers are numbers with commas between them.
func numbers(all []float64) string {
	texts := make([]string, len(all))
	for i, n := range all {
		texts[i] = strconv.FormatFloat(n, 'g', -1, 64)
	}
	return strings.Join(texts, ",")
}

// Facets counts the values of metadata among the pictures of a filter.
func (c *Client) Facets(ctx context.Context, collection string, o api.FacetOptions) (out api.Facets, err error) {
	query := filterQuery(o.Filter)
	if o.Limit > 0 {
		query.Set("limit", strconv.Itoa(o.Limit))
	}
	err = c.ask(ctx, http.MethodGet, in(collection, "facets"), query, nil, &out)
	return out, err
}

// Picture describes a picture.
func (c *Client) Picture(ctx context.Context, collection, name string) (out api.PictureInfo, err error) {
	err = c.ask(ctx, http.MethodGet, in(collection, "picture"), url.Values{"name": {name}}, nil, &out)
	return out, err
}

// Thumbnail returns a thumbnail whose longer side has 64, 128, 256 or 512 pixels.
func (c *Client) Thumbnail(ctx context.Context, collection, name string, size int) (api.Thumbnail, error) {
	answer, err := c.do(ctx, http.MethodGet, in(collection, "thumbnail"), url.Values{"name": {name}, "size": {strconv.Itoa(size)}}, "", nil)
	if err != nil {
		return api.Thumbnail{}, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	hash, _, _ := strings.Cut(strings.Trim(answer.Header.Get("ETag"), `"`), "-")
	return api.Thumbnail{Type: answer.Header.Get("Content-Type"), Data: data, Hash: hash}, err
}

// File returns a picture's file. The caller closes it.
func (c *Client) File(ctx context.Context, collection, name string) (io.ReadCloser, error) {
	return c.stream(ctx, in(collection, "file"), url.Values{"name": {name}})
}

// Export returns a model's embeddings as a file in one of the formats of akin export, such as "csv" or "parquet", or their "names".
// The caller closes it.
func (c *Client) Export(ctx context.Context, collection, model, format string) (io.ReadCloser, error) {
	return c.stream(ctx, in(collection, "export"), url.Values{"model": {model}, "format": {format}})
}

func (c *Client) stream(ctx context.Context, path string, query url.Values) (io.ReadCloser, error) {
	answer, err := c.do(ctx, http.MethodGet, path, query, "", nil)
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// Tags lists the tags.
func (c *Client) Tags(ctx context.Context, collection string) ([]api.TagInfo, error) {
	var out struct{ Tags []api.TagInfo }
	err := c.ask(ctx, http.MethodGet, in(collection, "tags"), nil, nil, &out)
	return out.Tags, err
}

// AddTag tags pictures.
func (c *Client) AddTag(ctx context.Context, collection, tag string, pictures ...string) (out api.TagReport, err error) {
	err = c.ask(ctx, http.MethodPut, in(collection, "tags"), nil, api.TagRequest{Tag: tag, Pictures: pictures}, &out)
	return out, err
}

// RemoveTag removes a tag from pictures.
func (c *Client) RemoveTag(ctx context.Context, collection, tag string, pictures ...string) (out api.TagReport, err error) {
	err = c.ask(ctx, http.MethodDelete, in(collection, "tags"), nil, api.TagRequest{Tag: tag, Pictures: pictures}, &out)
	return out, err
}

// RenameTag gives a tag another name. Where there is a tag of that name, both become one.
func (c *Client) RenameTag(ctx context.Context, collection, tag, name string) (out api.TagReport, err error) {
	err = c.ask(ctx, http.MethodPatch, in(collection, "tag"), url.Values{"tag": {tag}}, api.RenameTagRequest{Name: name}, &out)
	return out, err
}

// DeleteTag removes a tag from all pictures that have it.
func (c *Client) DeleteTag(ctx context.Context, collection, tag string) (out api.TagReport, err error) {
	err = c.ask(ctx, http.MethodDelete, in(collection, "tag"), url.Values{"tag": {tag}}, nil, &out)
	return out, err
}

// Review marks groups of duplicates as reviewed.
func (c *Client) Review(ctx context.Context, collection string, groups ...[]string) (changed int, err error) {
	var out struct{ Changed int }
	err = c.ask(ctx, http.MethodPut, in(collection, "reviews"), nil, api.ReviewRequest{Groups: groups}, &out)
	return out.Changed, err
}

// Unreview removes the reviews that pictures are part of.
func (c *Client) Unreview(ctx context.Context, collection string, pictures ...string) (changed int, err error) {
	var out struct{ Changed int }
	err = c.ask(ctx, http.MethodDelete, in(collection, "reviews"), nil, api.UnreviewRequest{Pictures: pictures}, &out)
	return out.Changed, err
}

// Upload sends a picture for use in queries.
func (c *Client) Upload(ctx context.Context, picture io.Reader) (out api.Upload, err error) {
	answer, err := c.do(ctx, http.MethodPost, "/uploads", nil, "application/octet-stream", picture)
	if err != nil {
		return out, err
	}
	defer answer.Body.Close()
	return out, json.NewDecoder(answer.Body).Decode(&out)
}

// Map returns the map of models that a job has stored, of all models fused if none is named. found is false where there
// is none: a job of kind "map" makes it.
func (c *Client) Map(ctx context.Context, collection string, models ...string) (out api.Map, found bool, err error) {
	answer, err := c.do(ctx, http.MethodGet, in(collection, "map"), url.Values{"model": models}, "", nil)
	if err != nil {
		return out, false, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNoContent {
		return out, false, nil
	}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		return out, false, fmt.Errorf("read the map of %s: %w", collection, err)
	}
	return out, true, nil
}

// KeepSelection stores a selection of pictures, which queries and links then name by its id.
func (c *Client) KeepSelection(ctx context.Context, collection string, pictures ...string) (out api.Selection, err error) {
	err = c.ask(ctx, http.MethodPost, in(collection, "selections"), nil, api.SelectionRequest{Pictures: pictures}, &out)
	return out, err
}

// Selection returns a stored selection.
func (c *Client) Selection(ctx context.Context, collection, id string) (out api.Selection, err error) {
	err = c.ask(ctx, http.MethodGet, in(collection, "selections", id), nil, nil, &out)
	return out, err
}

// Search returns the pictures most like the query.
func (c *Client) Search(ctx context.Context, collection string, r api.SearchRequest) (out api.Result, err error) {
	err = c.ask(ctx, http.MethodPost, in(collection, "search"), nil, r, &out)
	return out, err
}

// Compare searches with every model side by side.
func (c *Client) Compare(ctx context.Context, collection string, r api.SearchRequest) (out api.Comparison, err error) {
	err = c.ask(ctx, http.MethodPost, in(collection, "compare"), nil, r, &out)
	return out, err
}

// Disagree compares where each model's hits rank in the other models.
func (c *Client) Disagree(ctx context.Context, collection string, r api.SearchRequest) (out api.Disagreement, err error) {
	err = c.ask(ctx, http.MethodPost, in(collection, "disagree"), nil, r, &out)
	return out, err
}

// Explain returns which regions make two pictures alike.
func (c *Client) Explain(ctx context.Context, collection string, r api.ExplainRequest) (out api.Explained, err error) {
	err = c.ask(ctx, http.MethodPost, in(collection, "explain"), nil, r, &out)
	return out, err
}

// Models lists the models that the server knows.
func (c *Client) Models(ctx context.Context) ([]api.ModelInfo, error) {
	var out struct{ Models []api.ModelInfo }
	err := c.ask(ctx, http.MethodGet, "/models", nil, nil, &out)
	return out.Models, err
}

// Doctor checks the runtime, the models and the decoders of the server's machine.
func (c *Client) Doctor(ctx context.Context) ([]api.Check, error) {
	var out struct{ Checks []api.Check }
	err := c.ask(ctx, http.MethodGet, "/doctor", nil, nil, &out)
	return out.Checks, err
}

// Version returns the server's version.
func (c *Client) Version(ctx context.Context) (string, error) {
	var out struct{ Version string }
	err := c.ask(ctx, http.MethodGet, "/version", nil, nil, &out)
	return out.Version, err
}

// IsBusy reports whether an error means that the server is at a limit, and after what time to try again.
func IsBusy(err error) (after time.Duration, busy bool) {
	var p *api.Problem
	if errors.As(err, &p) && p.Status == http.StatusTooManyRequests {
		return p.RetryAfter, true
	}
	return 0, false
}
