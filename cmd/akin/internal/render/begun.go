package render

import "github.com/akin-search/akin/api"

// Begun notes in which precision akin chose to begin the embeddings of models.
func (o *Output) Begun(spaces []api.BegunSpace) {
	for _, s := range spaces {
		o.Notef("the embeddings of %s are computed in %s, which is faster on this processor; on sample pictures the cosine to fp32 was at least %.5f; --precision fp32 or $AKIN_PRECISION computes new collections in fp32", s.Model, s.Precision, s.Cosine)
	}
}
