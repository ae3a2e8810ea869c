package weaviate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/akin-search/akin/internal/record"
	"github.com/weaviate/weaviate/entities/models"
)

// Collection is a collection in a cluster. It is safe for concurrent use, by several machines too; a writer takes no
// lock.
type Collection struct {
	address Address
	key     string
	nodes   []*node

	mu      sync.Mutex // guards what follows
	first   int        // the node that answered last
	met     bool       // one has
	chances map[int64]chance
	spaces  recent
	imports recentCount
	vectors map[string]string // the index of each named vector that the class has
	reviews bool              // the class of the reviews is known to be there
}

// Open opens the collection at an address. One that is absent is made with its first space; with readOnly it is
// record.ErrNotFound.
func Open(ctx context.Context, address, key string, readOnly bool) (*Collection, error) {
	a, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	c := &Collection{address: a, key: key, chances: map[int64]chance{}}
	for _, n := range a.Nodes {
		node, err := newNode(n, a.TLS, key)
		if err != nil {
			return nil, fmt.Errorf("collection %s: %w", a, err)
		}
		c.nodes = append(c.nodes, node)
	}
	class, err := c.class(ctx)
	if err == nil && class == nil && readOnly {
		err = fmt.Errorf("%w: %s", record.ErrNotFound, a)
	}
	if err == nil && class != nil {
		err = checkClass(class)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Address returns the collection's address, as ParseAddress parses it.
func (c *Collection) Address() string { return c.address.String() }

// Close closes the connections.
func (c *Collection) Close() error {
	var errs []error
	for _, n := range c.nodes {
		errs = append(errs, n.conn.Close())
	}
	return errors.Join(errs...)
}

// format is written into the description of every class.
const format = "akin collection, format 1"

// checkClass refuses a class that akin did not make.
func checkClass(class *models.Class) error {
	if class.Description != format {
		return fmt.Errorf("%w: the class %s was not made by this version of akin (its description is %.60q)", record.ErrVersion, class.Class, class.Description)
	}
	return nil
}

// classOf returns a class by its name, or nil.
func (c *Collection) classOf(ctx context.Context, name string) (class *models.Class, err error) {
	err = c.ask(ctx, "look for "+name, func(ctx context.Context, n *node) error {
		client, err := n.client()
		if err != nil {
			return err
		}
		class, err = client.Schema().ClassGetter().WithClassName(name).Do(ctx)
		if statusOf(err) == http.StatusNotFound {
			class, err = nil, nil
		}
		return err
	})
	return class, err
}

// class returns the collection's class, or nil.
func (c *Collection) class(ctx context.Context) (*models.Class, error) {
	class, err := c.classOf(ctx, c.address.Class)
	if class != nil {
		c.mu.Lock()
		c.vectors = map[string]string{}
		for name, config := range class.VectorConfig {
			c.vectors[name] = config.VectorIndexType
		}
		c.mu.Unlock()
	}
	return class, err
}

// there reports whether the class exists: it is made with the first space.
func (c *Collection) there(ctx context.Context) (bool, error) {
	c.mu.Lock()
	known := c.vectors != nil
	c.mu.Unlock()
	if known {
		return true, nil
	}
	class, err := c.class(ctx)
	return class != nil, err
}

// vectorNames are the named vectors that the class has.
func (c *Collection) vectorNames() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.vectors))
}

// indexOf returns the index of a named vector: flat, whose searches are exact, or hnsw.
func (c *Collection) indexOf(vector string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.vectors[vector]
}

// Property types of Weaviate.
const (
	text   = "text"
	texts  = "text[]"
	whole  = "int"
	truth  = "boolean"
	opaque = "blob"
)

// property describes a property; filtered ones are indexed for filters, and spans for
// comparisons.
func property(name, kind string, filtered bool) *models.Property {
	no, spans := false, filtered && kind == whole
	p := &models.Property{Name: name, DataType: []string{kind}, IndexFilterable: &filtered, IndexSearchable: &no, IndexRangeFilters: &spans}
	if kind == text || kind == texts {
		p.Tokenization = "field" // compared as a whole, case and all
	}
	return p
}

// pictureProperties are those of a picture. A space adds its own.
func pictureProperties() []*models.Property {
	return []*models.Property{
		property("number", text, true), // the picture's id: JSON's numbers do not hold 63 bits
		property("name", text, true),
		property("loose", text, true), // the name, as people would call it the same
		property("source", text, true),
		property("root", text, false),
		property("folders", texts, true), // every folder above the source, with its slash
		property("stem", text, true),     // for globs: the name without folders, in small letters
		property("file", text, true),     // and the file's name
		property("size", whole, false),
		property("mtime", text, false),
		property("hash", text, true),
		property("format", text, false),
		property("width", whole, false),
		property("height", whole, false),
		property("taken", text, false),
		property("clock", whole, true),
		property("instant", whole, true),
		property("error", text, false),
		property("failed", truth, true),
		property("imported", truth, true),
		property("tags", texts, false),
		property("keys", texts, true),      // tags as they are compared
		property("described", text, false), // what the file tells, as JSON
	}
}

// spaceProperties are those that a space adds to pictures: whether one has a vector
// there, and the vector's checksum.
func spaceProperties(vector string) []*models.Property {
	return []*models.Property{property(hasPrefix+vector, truth, true), property(sumPrefix+vector, whole, false)}
}

const (
	hasPrefix    = "has_"
	sumPrefix    = "sum_"
	spacesSuffix = "_spaces"
	reviewSuffix = "_reviews"
)

// vectorConfig is that of a named vector. Scores are dot products of unit vectors.
func (c *Collection) vectorConfig() models.VectorConfig {
	return models.VectorConfig{
		Vectorizer:        map[string]any{"none": map[string]any{}},
		VectorIndexType:   c.address.Index,
		VectorIndexConfig: map[string]any{"distance": "dot"},
	}
}

// ensureVector makes the class, with a named vector, or adds the vector to the class.
func (c *Collection) ensureVector(ctx context.Context, vector string) error {
	class, err := c.class(ctx)
	if err != nil {
		return err
	}
	if class == nil {
		if err := c.makeClasses(ctx, vector); err != nil {
			return err
		}
		if class, err = c.class(ctx); err != nil {
			return err
		}
		if class == nil {
			return fmt.Errorf("make the class %s: it does not exist", c.address.Class)
		}
	}
	if err := checkClass(class); err != nil {
		return err
	}
	return c.ask(ctx, "add a space to "+c.address.Class, func(ctx context.Context, n *node) error {
		client, err := n.client()
		if err != nil {
			return err
		}
		class, err := client.Schema().ClassGetter().WithClassName(c.address.Class).Do(ctx)
		if err != nil {
			return err
		}
		have := map[string]bool{}
		for _, p := range class.Properties {
			have[p.Name] = true
		}
		if _, ok := class.VectorConfig[vector]; !ok {
			if class.VectorConfig == nil {
				class.VectorConfig = map[string]models.VectorConfig{}
			}
			class.VectorConfig[vector] = c.vectorConfig()
			if err := client.Schema().ClassUpdater().WithClass(class).Do(ctx); err != nil {
				return fmt.Errorf("%w (another process may have added a space: trying again)", retry{err})
			}
		}
		for _, p := range append(pictureProperties(), spaceProperties(vector)...) { // an older class has fewer
			if have[p.Name] {
				continue
			}
			if err := client.Schema().PropertyCreator().WithClassName(c.address.Class).WithProperty(p).Do(ctx); err != nil && !alreadyThere(err) {
				return err
			}
		}
		c.mu.Lock()
		c.vectors[vector] = class.VectorConfig[vector].VectorIndexType
		c.mu.Unlock()
		return nil
	})
}

// makeClasses makes the class of the pictures and that of the spaces.
func (c *Collection) makeClasses(ctx context.Context, vector string) error {
	replicas := int64(c.address.Replicas)
	if replicas == 0 {
		err := c.ask(ctx, "count the nodes", func(ctx context.Context, n *node) error {
			client, err := n.client()
			if err != nil {
				return err
			}
			status, err := client.Cluster().NodesStatusGetter().Do(ctx)
			if err == nil {
				replicas = int64(max(1, min(3, len(status.Nodes))))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	replication := &models.ReplicationConfig{Factor: replicas, AsyncEnabled: replicas > 1, DeletionStrategy: "TimeBasedResolution"}
	pictures := &models.Class{
		Class: c.address.Class, Description: format, Properties: append(pictureProperties(), spaceProperties(vector)...),
		VectorConfig: map[string]models.VectorConfig{vector: c.vectorConfig()}, ReplicationConfig: replication,
	}
	if c.address.Shards > 0 {
		pictures.ShardingConfig = map[string]any{"desiredCount": c.address.Shards}
	}
	spaces := &models.Class{
		Class: c.address.Class + spacesSuffix, Description: format, ReplicationConfig: replication,
		Vectorizer: "none", VectorIndexConfig: map[string]any{"skip": true}, ShardingConfig: map[string]any{"desiredCount": 1},
		Properties: []*models.Property{
			property("model", text, true), property("fingerprint", text, false), property("dim", whole, false),
			property("vector", text, false), property("made", text, false),
			property("chance", opaque, false), property("chanceRows", whole, false), property("recall", text, false),
		},
	}
	for _, class := range []*models.Class{spaces, pictures} { // who sees pictures finds their spaces
		if err := c.makeClass(ctx, class); err != nil {
			return err
		}
	}
	return nil
}

// makeClass makes a class unless it is there.
func (c *Collection) makeClass(ctx context.Context, class *models.Class) error {
	return c.ask(ctx, "make the class "+class.Class, func(ctx context.Context, n *node) error {
		client, err := n.client()
		if err != nil {
			return err
		}
		err = client.Schema().ClassCreator().WithClass(class).Do(ctx)
		if alreadyThere(err) {
			return nil
		}
		return err
	})
}
