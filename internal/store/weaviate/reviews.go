package weaviate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weaviate/weaviate/entities/models"

	"github.com/akin-search/akin/internal/record"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
	"google.golang.org/protobuf/types/known/structpb"
)

// review is an object of the class Name_reviews. Its id is made of what it says, so that
// two who say the same write the same.
type review struct {
	record.Review
	uuid, at string // RFC 3339
}

// lines are a review as its object has it: a content's hash and its number of files each.
func lines(r record.Review) []string {
	var out []string
	for _, h := range r.Hashes() {
		out = append(out, hex.EncodeToString(h[:])+" "+strconv.Itoa(r[h]))
	}
	return out
}

func parseReview(lines []string) (record.Review, error) {
	r := record.Review{}
	for _, line := range lines {
		hash, files, _ := strings.Cut(line, " ")
		b, err := hex.DecodeString(hash)
		n, err2 := strconv.Atoi(files)
		if err != nil || err2 != nil || len(b) != len(record.Hash{}) {
			return nil, fmt.Errorf("%w: a review says %.80q", record.ErrDamaged, line)
		}
		r[record.Hash(b)] = n
	}
	return r, nil
}

// reviewed reports whether the class of reviews is there: the first review makes it.
func (c *Collection) reviewed(ctx context.Context) (bool, error) {
	c.mu.Lock()
	known := c.reviews
	c.mu.Unlock()
	if known {
		return true, nil
	}
	class, err := c.classOf(ctx, c.address.Class+reviewSuffix)
	if err != nil || class == nil {
		return false, err
	}
	if err := checkClass(class); err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reviews = true
	return true, nil
}

// makeReviews makes the class of reviews, with as many replicas as the pictures have.
func (c *Collection) makeReviews(ctx context.Context) error {
	pictures, err := c.class(ctx)
	if err != nil {
		return err
	}
	if pictures == nil {
		return fmt.Errorf("collection %s: it has no space yet", c.address)
	}
	return c.makeClass(ctx, &models.Class{
		Class: c.address.Class + reviewSuffix, Description: format, ReplicationConfig: pictures.ReplicationConfig,
		Vectorizer: "none", VectorIndexConfig: map[string]any{"skip": true}, ShardingConfig: map[string]any{"desiredCount": 1},
		Properties: []*models.Property{property("contents", texts, false), property("made", text, false)},
	})
}

// readReviews returns all reviews, the oldest first.
func (c *Collection) readReviews(ctx context.Context) (all []review, err error) {
	if ok, err := c.reviewed(ctx); !ok {
		return nil, err
	}
	for after := beginning; ; after = all[len(all)-1].uuid {
		r := c.request(pageObjects, nil)
		r.Collection, r.After = c.address.Class+reviewSuffix, after
		r.Properties = &pb.PropertiesRequest{NonRefProperties: []string{"contents", "made"}}
		var page []review
		err := c.ask(ctx, "read reviews", func(ctx context.Context, n *node) error {
			reply, err := n.wire.Search(ctx, r)
			if err != nil {
				return err
			}
			page = nil
			for _, result := range reply.Results {
				f := result.Properties.GetNonRefProps().GetFields()
				of, err := parseReview(f["contents"].GetListValue().GetTextValues().GetValues())
				if err != nil {
					return final{err}
				}
				page = append(page, review{of, result.Metadata.GetId(), f["made"].GetTextValue()})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if all = append(all, page...); len(page) == 0 {
			break
		}
	}
	slices.SortFunc(all, func(a, b review) int { return strings.Compare(a.at+a.uuid, b.at+b.uuid) })
	return all, nil
}

// Reviews returns all reviews, the oldest first.
func (c *Collection) Reviews(ctx context.Context) ([]record.Review, error) {
	all, err := c.readReviews(ctx)
	var out []record.Review
	for _, r := range all {
		out = append(out, r.Review)
	}
	return out, err
}

// Review adds reviews and returns how many say something new. Older ones that a new one holds
// are gone, after it is there.
func (w *Writer) Review(ctx context.Context, reviews []record.Review) (added int, err error) {
	there, err := w.c.reviewed(ctx)
	if err == nil && !there {
		err = w.c.makeReviews(ctx)
	}
	if err != nil {
		return 0, err
	}
	all, err := w.c.readReviews(ctx)
	if err != nil {
		return 0, err
	}
	known := make([]record.Review, len(all))
	for i, r := range all {
		known[i] = r.Review
	}
	held, fresh := record.AddReviews(known, reviews)
	// Each a moment after the one before: so they stay in order.
	now := time.Now().UTC()
	var batch []*pb.BatchObject
	for i, r := range fresh {
		contents := lines(r)
		id := sha256.Sum256([]byte("akin review\x00" + strings.Join(contents, "\n")))
		values, err := structpb.NewStruct(map[string]any{"made": now.Add(time.Duration(i)).Format("2006-01-02T15:04:05.000000000Z")})
		if err != nil {
			return 0, err
		}
		batch = append(batch, &pb.BatchObject{Uuid: formatUUID(id[:]), Collection: w.c.address.Class + reviewSuffix, Properties: &pb.BatchObject_Properties{
			NonRefProperties: values, TextArrayProperties: []*pb.TextArrayProperties{{PropName: "contents", Values: contents}},
		}})
	}
	for some := range slices.Chunk(batch, pageObjects) {
		if err := w.c.putBatch(ctx, "write reviews", some); err != nil {
			return 0, err
		}
	}
	var gone []string
	for _, i := range held {
		gone = append(gone, all[i].uuid)
	}
	return len(fresh), w.c.delete(ctx, w.c.address.Class+reviewSuffix, gone)
}

// Unreview forgets the reviews that have one of these contents, and returns how many there were.
func (w *Writer) Unreview(ctx context.Context, contents []record.Hash) (removed int, err error) {
	all, err := w.c.readReviews(ctx)
	if err != nil {
		return 0, err
	}
	var gone []string
	for _, r := range all {
		if r.HasAny(contents) {
			gone = append(gone, r.uuid)
		}
	}
	return len(gone), w.c.delete(ctx, w.c.address.Class+reviewSuffix, gone)
}
