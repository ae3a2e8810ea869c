package weaviate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/weaviate"
)

// Whoever gives a wrong address hears of it soon, and why.
func TestAnAddressWhereNobodyAnswersIsToldSoon(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it waits some ten seconds")
	}
	began := time.Now()
	c, err := weaviate.Open(t.Context(), "weaviate://127.0.0.1:9/Nobody", "", true)
	if err == nil {
		defer c.Close()
		_, err = c.Spaces(t.Context())
	}
	if took := time.Since(began); !errors.Is(err, record.ErrCluster) || !strings.Contains(err.Error(), "connection refused") ||
		strings.Contains(err.Error(), "DerivedFromError") || took > 25*time.Second {
		t.Errorf("after %s: %v", took, err)
	}
}
