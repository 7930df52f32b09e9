-- Times are integer milliseconds of the Unix epoch, durations milliseconds,
-- ids 16 octets, lists and messages JSON text. Keys are AUTOINCREMENT: they
-- grow and are never reused, because a notification's cursor walks them.

-- +goose Up

CREATE TABLE counter (
	name  TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) WITHOUT ROWID;

-- seq:  the highest seq given to a delivery. Kept here, since retention deletes
--       the rows that would tell.
-- run:  the number of times a server has started.
-- tick: written where only a write can tell something.
INSERT INTO counter (name, value) VALUES ('seq', 0), ('run', 0), ('tick', 0);

CREATE TABLE secret (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE vapid_key (
	key        INTEGER PRIMARY KEY AUTOINCREMENT,
	id         TEXT NOT NULL UNIQUE,
	public     BLOB NOT NULL,
	private    BLOB NOT NULL,
	created_at INTEGER NOT NULL
);

CREATE TABLE category (
	key         INTEGER PRIMARY KEY AUTOINCREMENT,
	id          BLOB NOT NULL UNIQUE,
	name        TEXT NOT NULL UNIQUE,
	description TEXT NOT NULL DEFAULT '',
	public      INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE subscription (
	key           INTEGER PRIMARY KEY AUTOINCREMENT,
	id            BLOB NOT NULL UNIQUE,
	endpoint      TEXT,        -- NULL, as p256dh and auth, once wiped
	endpoint_hash BLOB UNIQUE, -- SHA-256; NULL once another row has the endpoint
	p256dh        BLOB,
	auth          BLOB,
	expires_at    INTEGER,
	service       TEXT NOT NULL,
	declarative   INTEGER NOT NULL DEFAULT 0,
	vapid_key     INTEGER REFERENCES vapid_key (key) ON DELETE SET NULL,
	label         TEXT NOT NULL DEFAULT '',
	user_name     TEXT NOT NULL DEFAULT '',
	user_agent    TEXT NOT NULL DEFAULT '',
	created_at    INTEGER NOT NULL,
	seen_at       INTEGER NOT NULL,
	changed_at    INTEGER NOT NULL, -- when the endpoint or its keys last changed
	removed_at    INTEGER,
	removed       TEXT NOT NULL DEFAULT ''
);

-- Counts the living, in all and by key, without reading their rows.
CREATE INDEX subscription_living ON subscription (vapid_key) WHERE removed_at IS NULL;
CREATE INDEX subscription_declarative ON subscription (key) WHERE declarative = 1 AND removed_at IS NULL;
CREATE INDEX subscription_user ON subscription (user_name, key) WHERE user_name <> '';
-- Tombstones that still have their keys, and those that wait to be purged.
CREATE INDEX subscription_restorable ON subscription (removed_at) WHERE removed_at IS NOT NULL AND endpoint IS NOT NULL;
CREATE INDEX subscription_wiped ON subscription (removed_at) WHERE removed_at IS NOT NULL AND endpoint IS NULL;

CREATE TABLE member (
	category     INTEGER NOT NULL REFERENCES category (key) ON DELETE CASCADE,
	subscription INTEGER NOT NULL REFERENCES subscription (key) ON DELETE CASCADE,
	PRIMARY KEY (category, subscription)
) WITHOUT ROWID;

CREATE INDEX member_subscription ON member (subscription);

CREATE TABLE token (
	key          INTEGER PRIMARY KEY AUTOINCREMENT,
	id           BLOB NOT NULL UNIQUE,
	name         TEXT NOT NULL,
	scope        TEXT NOT NULL,
	-- Names, not references: a token limited to a category that is deleted must
	-- not become one that may publish to any.
	categories   TEXT NOT NULL,
	style        TEXT NOT NULL,
	hash         BLOB NOT NULL UNIQUE,
	created_at   INTEGER NOT NULL,
	expires_at   INTEGER,
	last_used_at INTEGER
);

CREATE TABLE notification (
	key           INTEGER PRIMARY KEY AUTOINCREMENT,
	id            BLOB NOT NULL UNIQUE,
	state         TEXT NOT NULL,
	content       TEXT NOT NULL,
	target        TEXT NOT NULL,
	ttl           INTEGER NOT NULL,
	urgency       TEXT NOT NULL,
	topic         TEXT NOT NULL,
	token         INTEGER NOT NULL, -- outlives the token, so no reference
	warnings      TEXT NOT NULL,
	created_at    INTEGER NOT NULL,
	scheduled_at  INTEGER,
	due_at        INTEGER NOT NULL,
	expires_at    INTEGER,
	started_at    INTEGER,
	finished_at   INTEGER,
	-- The audience is read in the order of subscription keys: up to cursor it has
	-- been read, above high nobody was there when it became due.
	cursor        INTEGER NOT NULL DEFAULT 0,
	high          INTEGER NOT NULL DEFAULT 0,
	audience_read INTEGER NOT NULL DEFAULT 0,
	-- 1 once retention has taken its deliveries.
	swept         INTEGER NOT NULL DEFAULT 0,
	targeted      INTEGER NOT NULL DEFAULT 0,
	retrying      INTEGER NOT NULL DEFAULT 0,
	sent          INTEGER NOT NULL DEFAULT 0,
	failed        INTEGER NOT NULL DEFAULT 0,
	gone          INTEGER NOT NULL DEFAULT 0,
	expired       INTEGER NOT NULL DEFAULT 0,
	canceled      INTEGER NOT NULL DEFAULT 0,
	displayed     INTEGER NOT NULL DEFAULT 0,
	clicked       INTEGER NOT NULL DEFAULT 0,
	closed        INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX notification_scheduled ON notification (due_at) WHERE state = 'scheduled';
CREATE INDEX notification_unread ON notification (key) WHERE state = 'sending' AND audience_read = 0;
CREATE INDEX notification_unswept ON notification (due_at) WHERE swept = 0;
CREATE INDEX notification_swept ON notification (finished_at) WHERE swept = 1;

CREATE TABLE idempotency (
	token        INTEGER NOT NULL,
	key          TEXT NOT NULL,
	body_hash    BLOB NOT NULL,
	-- No reference: it would search this table for every notification deleted. A
	-- row whose notification is gone counts for nothing.
	notification INTEGER NOT NULL,
	created_at   INTEGER NOT NULL,
	PRIMARY KEY (token, key)
) WITHOUT ROWID;

CREATE INDEX idempotency_created ON idempotency (created_at);

-- One row for each delivery that has an outcome. It is the hot table: most of
-- what the server writes is one insert here. So seq is the row's own key (new
-- rows are appended, and a viewer's replay is one scan), there is one index
-- beside it and a small one for retries, and no foreign keys: each would cost a
-- look-up for every row. What keeps the references right instead: rows are
-- written only for members that a claim has read, a notification is deleted
-- after its deliveries, and a subscription is purged when no delivery can name
-- it any more.
CREATE TABLE delivery (
	seq          INTEGER PRIMARY KEY,
	notification INTEGER NOT NULL,
	subscription INTEGER NOT NULL,
	status       INTEGER NOT NULL,
	event        INTEGER, -- NULL = status
	attempts     INTEGER NOT NULL,
	code         INTEGER NOT NULL,
	error        TEXT,
	at           INTEGER NOT NULL,
	due_at       INTEGER, -- of a retry; NULL while an attempt is under way
	latency      INTEGER NOT NULL,
	displayed_at INTEGER,
	clicked_at   INTEGER,
	closed_at    INTEGER
);

CREATE UNIQUE INDEX delivery_member ON delivery (notification, subscription);
CREATE INDEX delivery_retry ON delivery (due_at) WHERE status = 1;

-- What a run of the server has claimed of fresh ranges and not yet settled.
CREATE TABLE lease (
	key          INTEGER PRIMARY KEY AUTOINCREMENT,
	notification INTEGER NOT NULL,
	run          INTEGER NOT NULL,
	remaining    INTEGER NOT NULL,
	members      BLOB NOT NULL -- the exact subscription keys: varints of their differences
);

-- +goose Down

DROP TABLE lease;
DROP TABLE delivery;
DROP TABLE idempotency;
DROP TABLE notification;
DROP TABLE token;
DROP TABLE member;
DROP TABLE subscription;
DROP TABLE category;
DROP TABLE vapid_key;
DROP TABLE secret;
DROP TABLE counter;
