package collection

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// damagedSuffix is what a damaged database is called that a rescue has replaced.
const damagedSuffix = ".damaged"

// rescue writes the database of the collection in dir anew where it is damaged: from
// what can be read of it, and from the segments, which tell themselves what their rows
// are. The damaged one stays beside it.
func rescue(ctx context.Context, dir string, r *Repaired) error {
	path := filepath.Join(dir, "akin.db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && len(spaceFolders(dir)) == 0 {
		return fmt.Errorf("%w: %s", ErrNotFound, dir)
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
	for _, old := range []string{made, made + "-wal", made + "-shm"} {
		if err := absent(os.Remove(old)); err != nil {
			return err
		}
	}
	db, err := connect(made)
	if err != nil {
		return err
	}
	c := &Collection{dir: dir, db: db, segmentBytes: segmentBytes, compactLeast: compactLeast}
	embeddings, err := c.refill(ctx, left)
	if err = errors.Join(err, seal(db)); err != nil {
		return fmt.Errorf("write the database of %s anew: %w", dir, err)
	}
	if err := keepDamaged(path); err != nil {
		return err
	}
	if err := os.Rename(made, path); err != nil {
		return err
	}
	r.tell("%s: %s: written anew; %d pictures and %d of their tags could be read, and %d embeddings were found in the segments; index its folders again, which embeds only what is missing; the damaged one is %s",
		path, why, len(left["picture"]), len(left["picture_tag"]), embeddings, filepath.Base(path)+damagedSuffix)
	return syncDir(dir)
}

// keepDamaged gives the damaged database and its log other names, under which nobody
// takes them for a part of the new one.
func keepDamaged(path string) error {
	for _, end := range []string{"-wal", "-shm", ""} {
		kept := path + damagedSuffix + end
		if err := absent(os.Remove(kept)); err != nil {
			return err
		}
		if end == "" { // akin.db is there at every moment: without one, a collection would begin anew
			return absent(os.Link(path, kept))
		}
		if err := absent(os.Rename(path+end, kept)); err != nil {
			return err
		}
	}
	return nil
}

// unsound tells what is wrong with a database that segments and lists have no part in.
func unsound(ctx context.Context, dir string) (why string, err error) {
	c, err := Open(dir, Options{ReadOnly: true})
	switch {
	case errors.Is(err, ErrDamaged):
		return "damaged", nil
	case errors.Is(err, ErrNotFound):
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

// spaceFolders are the folders that may be a space's.
func spaceFolders(dir string) []string {
	entries, _ := os.ReadDir(filepath.Join(dir, "spaces")) // there are none where it cannot be read
	var folders []string
	for _, e := range entries {
		if e.IsDir() && strings.Contains(e.Name(), "@") {
			folders = append(folders, filepath.Join(dir, "spaces", e.Name()))
		}
	}
	return folders
}

// salvaged are the rows of tables that could be read, each with its columns' values.
type salvaged map[string][][]any

// tables are what is worth reading in a damaged database, each with its columns: those
// that other tables refer to first. Embeddings are found in the segments, which have checksums.
var tables = []struct{ name, columns string }{
	{"content", "id, hash, format, width, height, taken"},
	{"picture", "id, name, source, root, size, mtime, content, error"},
	{"space", "id, model, fingerprint, dim, folder"},
	{"tag", "id, name, key"},
	{"picture_tag", "tag, picture"},
	{"review", "id, at"},
	{"reviewed", "review, hash, files"},
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
		have := map[string]bool{}
		key, _, _ := strings.Cut(t.columns, ",")
		for _, order := range []string{key, key + " DESC"} {
			rows, err := db.QueryContext(ctx, `SELECT `+t.columns+` FROM `+t.name+` NOT INDEXED ORDER BY `+order)
			if err != nil {
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
			if rows.Err() == nil {
				break // all of it
			}
		}
	}
	return left
}

// magic are the first bytes of every SQLite database.
const magic = "SQLite format 3\x00"

// salvageUnnamed reads what can be read of a copy that begins as databases do: SQLite looks no
// further where those few bytes alone are damaged.
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
	err = os.WriteFile(named, data, 0o666)
	if log, missing := os.ReadFile(path + "-wal"); err == nil && missing == nil {
		err = os.WriteFile(named+"-wal", log, 0o666)
	}
	if err != nil {
		return nil, fmt.Errorf("read a damaged database: %w", err)
	}
	return salvage(ctx, named), nil
}

// refill fills a new database with what was salvaged and with what the segments tell,
// and gives how many embeddings that is.
func (c *Collection) refill(ctx context.Context, left salvaged) (embeddings int, err error) {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	if _, err := tx.Exec(schema); err != nil {
		return 0, err
	}
	t := &transaction{tx: tx}
	t.exec(`INSERT INTO meta VALUES ('version', ?)`, formatVersion)
	t.exec(newGeneration)
	for _, table := range tables {
		for _, values := range left[table.name] {
			insert := `INSERT INTO ` + table.name + ` (` + table.columns + `) VALUES (?` + strings.Repeat(", ?", len(values)-1) + `)`
			_, err := tx.Exec(insert, values...)
			if err != nil && table.name == "picture" { // without what it held, until its file is read again
				values[4], values[6], values[7] = -1, nil, "what it held was lost; index it again"
				_, err = tx.Exec(insert, values...)
			}
			if err != nil {
				continue // it contradicts another, or refers to one that is lost
			}
		}
	}
	files, err := t.takenOver()
	if err != nil {
		return 0, err
	}
	for _, folder := range spaceFolders(c.dir) {
		n, err := c.adoptSpace(t, folder, files)
		if err != nil {
			return 0, err
		}
		embeddings += n
	}
	t.exec(`DELETE FROM space WHERE id NOT IN (SELECT space FROM segment)`) // their vectors are gone
	if t.err != nil {
		return 0, t.err
	}
	return embeddings, tx.Commit()
}

// takenOver gives the contents of files that may have taken over an imported picture, by
// the hash that its embeddings have: the segments know nothing of it.
func (t *transaction) takenOver() (map[Hash]int64, error) {
	rows, err := t.tx.Query(`SELECT name, content FROM picture WHERE content IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	files := map[Hash]int64{}
	for rows.Next() {
		var name string
		var content int64
		if err := rows.Scan(&name, &content); err != nil {
			return nil, err
		}
		files[sha256.Sum256([]byte(ImportedSource(name)))] = content
	}
	return files, rows.Err()
}

// adoptSpace makes the embeddings of a space's folder exist, and gives how many they are.
func (c *Collection) adoptSpace(t *transaction, folder string, files map[Hash]int64) (embeddings int, err error) {
	s, ok := readSpace(folder)
	if !ok {
		return 0, nil // without its first segment's header, or of no collection
	}
	numbers, err := segmentsOf(folder)
	if err != nil {
		return 0, err
	}
	t.exec(`INSERT OR IGNORE INTO space (model, fingerprint, dim, folder) VALUES (?, ?, ?, ?)`, s.Model, s.Fingerprint, s.Dim, s.Folder)
	if t.err != nil {
		return 0, t.err
	}
	if err := t.scan(`SELECT id FROM space WHERE folder = ?`, s.Folder, &s.ID); errors.Is(err, sql.ErrNoRows) {
		return 0, nil // an older folder of a space that has another
	} else if err != nil {
		return 0, err
	}
	per := c.perSegment(s.Dim)
	for i, number := range numbers {
		if number != i+1 {
			break // rows after a missing segment have no place
		}
		base := filepath.Join(folder, segmentName(number))
		count, err := countRows(base, per)
		if err != nil {
			return 0, err
		}
		t.exec(`INSERT INTO segment (space, number, rows) VALUES (?, ?, ?)`, s.ID, number, count)
		blocks, err := soundBlocks(base, s.Dim, count)
		for k, readErr := range blocks {
			if readErr != nil {
				return 0, readErr
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
			return 0, err
		}
		if count < per {
			break
		}
	}
	if t.err == nil {
		t.err = t.scan(`SELECT count(*) FROM embedding WHERE space = ?`, s.ID, &embeddings)
	}
	return embeddings, t.err
}

// readSpace tells what a folder is the space of: by its name, which has a checksum of the
// model and the fingerprint, and by its first segment's header.
func readSpace(folder string) (s Space, ok bool) {
	f, err := os.Open(filepath.Join(folder, segmentName(1)+".vec"))
	if err != nil {
		return s, false
	}
	defer f.Close()
	head := make([]byte, headerBytes)
	if _, err := io.ReadFull(f, head); err != nil {
		return s, false
	}
	s.Folder = filepath.Base(folder)
	s.Model, _, _ = strings.Cut(s.Folder, "@")
	s.Dim = int(binary.LittleEndian.Uint32(head[8:]))
	n := binary.LittleEndian.Uint32(head[12:])
	if s.Dim < 1 || s.Dim > 1<<24 || n > headerBytes-20 {
		return s, false
	}
	s.Fingerprint = string(head[16 : 16+n])
	return s, checkHeader(head, s.Dim, s.Fingerprint) == nil && strings.HasPrefix(s.Folder, folderName(s.Model, s.Fingerprint))
}

// countRows is how many rows of a segment have a readable record and lie in it.
func countRows(base string, per int) (n int, err error) {
	f, err := os.Open(base + ".rows")
	if err != nil {
		return 0, absent(err)
	}
	defer f.Close()
	for records := bufio.NewReader(f); n < per; {
		hashes, _, err := readRecord(records, per-n)
		if err != nil {
			break
		}
		n += len(hashes)
	}
	return n, nil
}
