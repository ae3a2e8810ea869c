package collection

// formatVersion is written into every collection. A program refuses a newer one.
const formatVersion = 1

const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- What a file holds, by the SHA-256 of its bytes.
CREATE TABLE content (
	id          INTEGER PRIMARY KEY,
	hash        BLOB NOT NULL UNIQUE,
	format      TEXT NOT NULL,
	width       INTEGER NOT NULL,
	height      INTEGER NOT NULL
);

-- Where a picture is, and what it is called. content is NULL, and error says
-- why, for a file that could not be read.
CREATE TABLE picture (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL UNIQUE,
	source   TEXT NOT NULL UNIQUE,
	root     TEXT NOT NULL,
	size     INTEGER NOT NULL,
	mtime    INTEGER NOT NULL, -- nanoseconds since 1970
	content  INTEGER REFERENCES content(id),
	error    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX picture_content ON picture(content);

-- One model's vectors: a folder of segments.
CREATE TABLE space (
	id          INTEGER PRIMARY KEY,
	model       TEXT NOT NULL,
	fingerprint TEXT NOT NULL,
	dim         INTEGER NOT NULL,
	folder      TEXT NOT NULL UNIQUE,
	chance      BLOB,               -- scores of random pairs, ascending float32
	chance_rows INTEGER NOT NULL DEFAULT -1,
	UNIQUE (model, fingerprint)
);

-- How many rows of a segment exist. Rows past it in the file do not.
CREATE TABLE segment (
	space  INTEGER NOT NULL REFERENCES space(id) ON DELETE CASCADE,
	number INTEGER NOT NULL,
	rows   INTEGER NOT NULL,
	PRIMARY KEY (space, number)
) WITHOUT ROWID;

-- Which row of a space is the embedding of a content. Rows count through the
-- segments.
CREATE TABLE embedding (
	space   INTEGER NOT NULL REFERENCES space(id) ON DELETE CASCADE,
	content INTEGER NOT NULL REFERENCES content(id),
	row     INTEGER NOT NULL,
	PRIMARY KEY (space, content)
) WITHOUT ROWID;
`
