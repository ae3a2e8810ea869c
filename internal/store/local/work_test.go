package local

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mattn/go-sqlite3"
)

// What a page of pictures shows is found by indexes. The time of reading a table shows only in large collections, SQLite's
// plan in the smallest; akin stores no statistics that could change it.
func TestWhatIsReadOfFewPicturesIsFoundByIndexes(t *testing.T) {
	t.Parallel()
	made, dir := create4(t)
	space := two(t, made)
	asked := &queries{}
	c := newCollection(dir, sql.OpenDB(asking{newConnector(filepath.Join(dir, "akin.db"), "", leastPatience), asked}))
	defer c.Close()
	catalog, err := c.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer catalog.Close()
	asked.forget()
	for what, ask := range map[string]func() error{
		"About":    func() error { _, err := c.About(t.Context(), []int64{1, 2}); return err },
		"Lookup":   func() error { _, err := catalog.Lookup("a"); return err },
		"BySource": func() error { catalog.BySource("/p/a.png"); return nil },
		"Places":   func() error { _, err := c.Places(t.Context(), put("/p/a.png", "A").Hash); return err },
	} {
		if err := ask(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		for _, query := range asked.forget() {
			for _, step := range plan(t, c.db, query) {
				table, whole := strings.CutPrefix(step, "SCAN ")
				table, _, _ = strings.Cut(table, " ")
				if whole && table != "s" && table != "json_each" && table != "CONSTANT" { // s: the spaces, of which there are few
					t.Errorf("%s reads a whole table: %s\n%s", what, step, query)
				}
			}
		}
	}
	// The test sees a scan where there is one.
	if _, _, err := c.Embedded(t.Context(), space.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Known(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all := asked.forget(); len(all) != 2 || !strings.HasPrefix(plan(t, c.db, all[1])[0], "SCAN picture") {
		t.Errorf("%q", all)
	}
}

// plan returns the steps in which SQLite answers a query.
func plan(t *testing.T, db *sql.DB, query string) (steps []string) {
	t.Helper()
	rows, err := db.Query("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// queries are what a database was asked.
type queries struct {
	mu    sync.Mutex
	texts []string
}

func (q *queries) add(query string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if strings.HasPrefix(strings.TrimSpace(query), "SELECT") {
		q.texts = append(q.texts, query)
	}
}

// forget returns the queries, and begins anew.
func (q *queries) forget() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	texts := q.texts
	q.texts = nil
	return texts
}

// asking connects to a database, and keeps what it is asked.
type asking struct {
	driver.Connector
	queries *queries
}

func (a asking) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := a.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &queriedConn{conn.(*sqlite3.SQLiteConn), a.queries}, nil
}

type queriedConn struct {
	*sqlite3.SQLiteConn
	queries *queries
}

func (c *queriedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.queries.add(query)
	return c.SQLiteConn.QueryContext(ctx, query, args)
}
