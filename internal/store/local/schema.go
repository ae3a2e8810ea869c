package local

// formatVersion is written into every collection. A program refuses a newer one;
// the first writer brings an older one up to it. Each upgrade makes it one more.
const formatVersion = 1 + len(upgrades)

// upgrades[i] are the statements that make a collection of version i+1 one of
// version i+2.
var upgrades = [...][]string{
	{`ALTER TABLE content ADD COLUMN taken TEXT`, tagTables}, // 2: dates and tags
	{newGeneration},  // 3: lists, which are old when someone writes who does not know of them
	{reviewTables},   // 4: reviews of copies
	{metadataTables}, // 5: what files say of cameras, ratings, places
	// 6: segments of more than 1 GiB
	{`ALTER TABLE space ADD COLUMN per_segment INTEGER NOT NULL DEFAULT 0`},
	// 7: titles and captions; what was read before akin stored them is read again
	{captionTable, `UPDATE metadata SET sidecar = -1`},
}

const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- What a file holds, by the SHA-256 of its bytes.
CREATE TABLE content (
	id          INTEGER PRIMARY KEY,
	hash        BLOB NOT NULL UNIQUE,
	format      TEXT NOT NULL,
	width       INTEGER NOT NULL,
	height      INTEGER NOT NULL,
	-- When it was taken, by the camera's clock: 2006-01-02T15:04:05, then +02:00 where
	-- the file tells the zone; '' when it tells nothing, NULL when it was not asked.
	taken       TEXT
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
	per_segment INTEGER NOT NULL DEFAULT 0, -- rows of a full segment; 0 means as many as fit into 1 GiB
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
` + tagTables + reviewTables + metadataTables + captionTable

const tagTables = `
-- A word that people give pictures: as it was first written, and as tags are
-- compared, in small letters.
CREATE TABLE tag (
	id   INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	key  TEXT NOT NULL UNIQUE
);

-- Tags belong to the picture, wherever its file moves and whatever it holds.
CREATE TABLE picture_tag (
	tag     INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE,
	picture INTEGER NOT NULL REFERENCES picture(id) ON DELETE CASCADE,
	PRIMARY KEY (tag, picture)
) WITHOUT ROWID;
CREATE INDEX picture_tag_picture ON picture_tag(picture);
`

const reviewTables = `
-- Contents that someone has looked at together, and means to keep: by their hashes,
-- because a review outlives the files' names, and their being indexed.
CREATE TABLE review (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL -- seconds since 1970
);
CREATE TABLE reviewed (
	review INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
	hash   BLOB NOT NULL,
	files  INTEGER NOT NULL, -- how many had this content
	PRIMARY KEY (review, hash)
) WITHOUT ROWID;
`

const metadataTables = `
-- What a picture's file and its sidecar say. A picture whose file was not asked has no row.
CREATE TABLE metadata (
	picture   INTEGER PRIMARY KEY REFERENCES picture(id) ON DELETE CASCADE,
	sidecar   INTEGER NOT NULL, -- when it was written, in nanoseconds since 1970; 0 where there is none
	latitude  INTEGER,          -- of the place, in ten-millionths of a degree north; NULL where it is not known
	longitude INTEGER           -- and east
);
CREATE INDEX metadata_place ON metadata(latitude, longitude) WHERE latitude IS NOT NULL;

-- A value of a field (camera, lens, label, rating, keyword), as it was first written and as it is compared.
CREATE TABLE value (
	id    INTEGER PRIMARY KEY,
	field TEXT NOT NULL,
	name  TEXT NOT NULL,
	key   TEXT NOT NULL,
	UNIQUE (field, key)
);
CREATE TABLE picture_value (
	value   INTEGER NOT NULL REFERENCES value(id) ON DELETE CASCADE,
	picture INTEGER NOT NULL REFERENCES picture(id) ON DELETE CASCADE,
	PRIMARY KEY (value, picture)
) WITHOUT ROWID;
CREATE INDEX picture_value_picture ON picture_value(picture);
`

const captionTable = `
-- What a file says of its picture in words. A picture with neither has no row.
CREATE TABLE caption (
	picture INTEGER PRIMARY KEY REFERENCES picture(id) ON DELETE CASCADE,
	title   TEXT NOT NULL,
	caption TEXT NOT NULL,
	words   TEXT NOT NULL -- of both, as record.WordsKey returns them
);
`
