package local

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// damagedSuffix is the suffix of a damaged database that a rescue has replaced.
const damagedSuffix = ".damaged"

// rescue rebuilds the database of the collection in dir where it is damaged, from what can be read of it and from the
// segments, which say what their rows are. The damaged one stays beside it.
func rescue(ctx context.Context, dir string, r *record.Repaired) error {
	path := filepath.Join(dir, "akin.db")
	folders, err := spaceFolders(dir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && len(folders) == 0 {
		return fmt.Errorf("%w: %s", record.ErrNotFound, dir)
	}
	lock, err := takeLock(dir)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	why, err := unsound(ctx, dir)
	if err != nil || why == "" {
		return err
	}
	left := salvage(ctx, path)
	if len(left) == 0 {
		if left, err = salvageUnnamed(ctx, path); err != nil {
			return err
		}
	}
	made := path + ".new"
	if err := removeDatabase(made); err != nil {
		return err
	}
	db, err := connect(made)
	if err != nil {
		return err
	}
	c := newCollection(dir, db)
	embeddings, unknown, err := c.refill(ctx, left, folders)
	if err = errors.Join(err, seal(db)); err != nil {
		return fmt.Errorf("rebuild the database of %s: %w", dir, err)
	}
	if err := keepDamaged(path); err != nil {
		return err
	}
	if err := os.Rename(made, path); err != nil {
		return err
	}
	for _, folder := range unknown {
		// Under its own name, a later drop would delete it as a leftover.
		kept := folder + damagedSuffix
		if err := os.Rename(folder, kept); err != nil {
			return fmt.Errorf("keep a folder of embeddings: %w", err)
		}
		r.Problems = append(r.Problems, fmt.Sprintf("%s: which model's embeddings it holds is not known: the header of its first segment is damaged; it stays as it is, and is not part of the collection", kept))
	}
	r.Add("%s: %s: rebuilt; %d pictures and %d of their tags could be read, and %d embeddings were found in the segments; the damaged one is %s",
		path, why, len(left["picture"]), len(left["picture_tag"]), embeddings, filepath.Base(path)+damagedSuffix)
	r.Reindex = true
	return disk.OS.SyncDir(dir)
}

// keepDamaged renames the damaged database and its log, so that they are not read as a part of the new one.
func keepDamaged(path string) error {
	for _, end := range []string{"-wal", "-shm", ""} {
		kept := path + damagedSuffix + end
		if err := absent(os.Remove(kept)); err != nil {
			return err
		}
		if end == "" { // akin.db is there at every moment: without one, a collection would be made
			return absent(os.Link(path, kept))
		}
		if err := absent(os.Rename(path+end, kept)); err != nil {
			return err
		}
	}
	return nil
}

// unsound returns what is wrong with a database, apart from segments and lists.
func unsound(ctx context.Context, dir string) (why string, err error) {
	c, err := Open(dir, Options{ReadOnly: true})
	switch {
	case errors.Is(err, record.ErrDamaged):
		return "damaged", nil
	case errors.Is(err, record.ErrNotFound):
		return "missing", nil
	case err != nil:
		return "", err
	}
	defer c.Close()
	problems, err := c.verifyDatabase(ctx)
	if len(problems) > 0 {
		return "damaged", nil
	}
	return "", err
}

// spaceFolders returns the folders that may be a space's. One that cannot be listed is an error: what a rescue does not
// find is lost.
func spaceFolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, "spaces"))
	var folders []string
	for _, e := range entries {
		if e.IsDir() && strings.Contains(e.Name(), "@") && !strings.HasSuffix(e.Name(), damagedSuffix) {
			folders = append(folders, filepath.Join(dir, "spaces", e.Name()))
		}
	}
	return folders, absent(err)
}

// salvaged are the rows of tables that could be read, each with its columns' values.
type salvaged map[string][][]any

// tables are those to read from a damaged database, each with its columns: those
// that other tables refer to first. Embeddings are found in the segments, which have checksums.
var tables = []struct{ name, columns string }{
	{"content", "id, hash, format, width, height, taken"},
	{"picture", "id, name, source, root, size, mtime, content, error"},
	{"space", "id, model, fingerprint, dim, folder"},
	{"tag", "id, name, key"},
	{"picture_tag", "tag, picture"},
	{"review", "id, at"},
	{"reviewed", "review, hash, files"},
	{"metadata", "picture, sidecar, latitude, longitude"},
	{"value", "id, field, name, key"},
	{"picture_value", "value, picture"},
	{"caption", "picture, title, caption, words"},
}

// salvage reads what can be read: every table from its beginning to the first damage,
// and from its end to the last.
func salvage(ctx context.Context, path string) salvaged {
	left := salvaged{}
	db, err := dial(path, "mode=rw&_busy_timeout=20000")
	if err != nil {
		return left
	}
	defer db.Close()
	for _, t := range tables {
		if !plainTable(ctx, db, t.name) {
			continue
		}
		have := map[string]bool{}
		key, _, _ := strings.Cut(t.columns, ",")
		for _, order := range []string{key, key + " DESC"} {
			// Damaged pages that form a cycle have no end.
			ctx, cancel := context.WithTimeout(ctx, patienceFor(path, leastPatience))
			rows, err := db.QueryContext(ctx, `SELECT `+t.columns+` FROM `+t.name+` NOT INDEXED ORDER BY `+order)
			if err != nil {
				cancel()
				continue
			}
			for rows.Next() {
				values := make([]any, strings.Count(t.columns, ",")+1)
				into := make([]any, len(values))
				for i := range values {
					into[i] = &values[i]
				}
				if rows.Scan(into...) != nil {
					break
				}
				if id := fmt.Sprint(values...); !have[id] {
					have[id] = true
					left[t.name] = append(left[t.name], values)
				}
			}
			rows.Close()
			cancel()
			if rows.Err() == nil {
				break // all of it
			}
		}
	}
	return left
}

// plainTable reports whether a database has a table of that name, which is no view and no code.
func plainTable(ctx context.Context, db *sql.DB, name string) bool {
	ctx, cancel := context.WithTimeout(ctx, leastPatience)
	defer cancel()
	var n int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ? AND rootpage > 0`, name).Scan(&n)
	return err == nil && n == 1
}

// magic are the first bytes of every SQLite database.
const magic = "SQLite format 3\x00"

// salvageUnnamed reads a copy with the magic restored: SQLite refuses a database in which only those bytes are
// damaged.
func salvageUnnamed(ctx context.Context, path string) (salvaged, error) {
	data, err := os.ReadFile(path)
	if err != nil || len(data) < len(magic) {
		return salvaged{}, absent(err)
	}
	copy(data, magic)
	named := path + ".named"
	defer func() {
		for _, end := range []string{"", "-wal", "-shm", "-journal"} {
			_ = os.Remove(named + end)
		}
	}()
	err = disk.Write(named, data, 0o666)
	if log, missing := os.ReadFile(path + "-wal"); err == nil && missing == nil {
		err = disk.Write(named+"-wal", log, 0o666)
	}
	if err != nil {
		return nil, fmt.Errorf("read a damaged database: %w", err)
	}
	return salvage(ctx, named), nil
}

// refill fills a new database from the salvaged rows and the segments. It returns the number of embeddings, and the
// folders of no known space.
func (c *Collection) refill(ctx context.Context, left salvaged, folders []string) (embeddings int, unknown []string, err error) {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, nil, err
	}
	defer tx.Rollback()
	if _, err := tx.Exec(schema); err != nil {
		return 0, nil, err
	}
	t := c.writing(ctx, tx)
	t.exec(`INSERT INTO meta VALUES ('version', ?)`, formatVersion)
	t.exec(newGeneration)
	for _, table := range tables {
		for _, values := range left[table.name] {
			if !sound(table.name, values) {
				continue
			}
			insert := `INSERT INTO ` + table.name + ` (` + table.columns + `) VALUES (?` + strings.Repeat(", ?", len(values)-1) + `)`
			_, err := tx.Exec(insert, values...)
			if err != nil && table.name == "picture" { // without what it held, until its file is read again
				values[4], values[6], values[7] = -1, nil, "what it held was lost"
				_, err = tx.Exec(insert, values...)
			}
			if err != nil {
				continue // it contradicts another, or refers to one that is lost
			}
		}
	}
	files, err := t.takenOver()
	if err != nil {
		return 0, nil, err
	}
	for _, folder := range folders {
		n, known, err := c.adoptSpace(t, folder, files)
		if err != nil {
			return 0, nil, err
		}
		if !known {
			unknown = append(unknown, folder)
		}
		embeddings += n
	}
	t.exec(`DELETE FROM space WHERE id NOT IN (SELECT space FROM segment)`) // their vectors are gone
	if t.err != nil {
		return 0, nil, t.err
	}
	return embeddings, unknown, tx.Commit()
}

// takenOver returns the contents of files that may have taken over an imported picture, by
// the hash that its embeddings have: the segments know nothing of it.
func (t *transaction) takenOver() (map[record.Hash]int64, error) {
	rows, err := t.tx.Query(`SELECT name, content FROM picture WHERE content IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	files := map[record.Hash]int64{}
	for rows.Next() {
		var name string
		var content int64
		if err := rows.Scan(&name, &content); err != nil {
			return nil, err
		}
		files[sha256.Sum256([]byte(record.ImportedSource(name)))] = content
	}
	return files, rows.Err()
}

// adoptSpace makes the embeddings of a space's folder exist, and returns how many they are; not
// known is a folder of which neither a segment nor the database tells what it holds.
func (c *Collection) adoptSpace(t *transaction, folder string, files map[record.Hash]int64) (embeddings int, known bool, err error) {
	numbers, err := segmentsOf(folder)
	if err != nil {
		return 0, false, err
	}
	if len(numbers) == 0 {
		return 0, true, nil // nothing was ever committed to it
	}
	s, known, err := readSpace(folder, numbers)
	if err != nil {
		return 0, false, err
	}
	if known {
		t.exec(`INSERT OR IGNORE INTO space (model, fingerprint, dim, folder) VALUES (?, ?, ?, ?)`, s.Model, s.Fingerprint, s.Dim, s.Folder)
		t.exec(`UPDATE space SET dim = ? WHERE folder = ?`, s.Dim, s.Folder) // its header has a checksum
	}
	if t.err != nil {
		return 0, false, t.err
	}
	if err := t.scan(`SELECT id, dim FROM space WHERE folder = ?`, filepath.Base(folder), &s.ID, &s.Dim); errors.Is(err, sql.ErrNoRows) {
		return 0, known, nil // where it is known, an older folder of a space that has another
	} else if err != nil {
		return 0, false, err
	}
	if !known { // no header is sound, and none is needed for what lies in the first segment
		s.PerSegment = c.perSegment(s.Dim)
	}
	t.exec(`UPDATE space SET per_segment = ? WHERE id = ?`, s.PerSegment, s.ID)
	per := s.PerSegment
	for i, number := range numbers {
		if number != i+1 {
			break // rows after a missing segment have no place
		}
		base := filepath.Join(folder, segmentName(number))
		count, err := countRows(base, per)
		if err != nil {
			return 0, false, err
		}
		t.exec(`INSERT INTO segment (space, number, rows) VALUES (?, ?, ?)`, s.ID, number, count)
		blocks, err := soundBlocks(base, s.Dim, count)
		for k, readErr := range blocks {
			if readErr != nil {
				return 0, false, readErr
			}
			for j, h := range k.hashes {
				content, ok := files[h]
				if !ok {
					t.exec(`INSERT OR IGNORE INTO content (hash, format, width, height) VALUES (?, '', 0, 0)`, h[:])
					if t.err == nil {
						t.err = t.scan(`SELECT id FROM content WHERE hash = ?`, h[:], &content)
					}
				}
				t.exec(`INSERT OR REPLACE INTO embedding (space, content, row) VALUES (?, ?, ?)`, s.ID, content, (number-1)*per+k.first+j)
			}
		}
		if err != nil {
			return 0, false, err
		}
		if count < per {
			break
		}
	}
	if t.err == nil {
		t.err = t.scan(`SELECT count(*) FROM embedding WHERE space = ?`, s.ID, &embeddings)
	}
	return embeddings, true, t.err
}

// readSpace says what a folder is the space of: by its name, which has a checksum of the
// model and the fingerprint, and by the first sound header of its segments. A header that cannot be read is
// an error, one that is damaged is none.
func readSpace(folder string, numbers []int) (s record.Space, ok bool, err error) {
	for _, number := range numbers {
		head, err := readHeader(filepath.Join(folder, segmentName(number)+".vec"))
		if err != nil {
			return s, false, err
		}
		s, ok = parseHeader(head)
		s.Folder = filepath.Base(folder)
		s.Model, _, _ = strings.Cut(s.Folder, "@")
		if ok && checkSpace(s) == nil {
			return s, true, nil
		}
	}
	return s, false, nil
}

// readHeader reads a segment's header; nil where it is cut off.
func readHeader(path string) ([]byte, error) {
	f, err := disk.Open(path)
	if err != nil {
		return nil, absent(err)
	}
	defer f.Close()
	head := make([]byte, headerBytes)
	if _, err := io.ReadFull(f, head); isShort(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return head, nil
}

// isShort reports whether a file ended early, which is damage. Other errors may be temporary.
func isShort(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// countRows is how many rows of a segment have a readable record and lie in it.
func countRows(base string, per int) (n int, err error) {
	f, err := disk.Open(base + ".rows")
	if err != nil {
		return 0, absent(err)
	}
	defer f.Close()
	for records := bufio.NewReader(f); n < per; {
		hashes, _, err := readRecord(records, per-n)
		if unreadable(err) {
			return 0, fmt.Errorf("read %s.rows: %w", base, err)
		}
		if err != nil {
			break
		}
		n += len(hashes)
	}
	return n, nil
}

// unreadable reports whether a file could not be read, so that it is not known to be damaged.
func unreadable(err error) bool {
	var e *fs.PathError
	return errors.As(err, &e)
}

// sound reports whether a salvaged row has values that akin writes. Others would damage the new database too.
func sound(table string, values []any) bool {
	for i, v := range values {
		switch v := v.(type) {
		case int64, string:
		case []byte:
			if len(v) != len(record.Hash{}) {
				return false
			}
		case nil:
			switch table + fmt.Sprint(i) {
			case "content5", "picture6", "metadata2", "metadata3": // taken, content, the place
			default:
				return false
			}
		default:
			return false
		}
	}
	switch table {
	case "content":
		_, isHash := values[1].([]byte)
		width, _ := values[3].(int64)
		height, _ := values[4].(int64)
		return isHash && min(width, height) >= 0 && max(width, height) <= maxSide
	case "picture":
		message, isText := values[7].(string)
		return isText && (values[6] == nil) == (message != "")
	case "space":
		var s record.Space
		var is [4]bool
		var dim int64
		s.Model, is[0] = values[1].(string)
		s.Fingerprint, is[1] = values[2].(string)
		dim, is[2] = values[3].(int64)
		s.Folder, is[3] = values[4].(string)
		s.Dim, s.PerSegment = int(dim), 1 // the segments say how many
		return is == [4]bool{true, true, true, true} && checkSpace(s) == nil
	case "metadata":
		for _, v := range values {
			if _, isNumber := v.(int64); !isNumber && v != nil {
				return false
			}
		}
	case "reviewed":
		_, isHash := values[1].([]byte)
		return isHash
	}
	return true
}
