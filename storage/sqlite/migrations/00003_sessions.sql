-- Who is signed in with a cookie.

-- +goose Up

CREATE TABLE session (
	key        INTEGER PRIMARY KEY AUTOINCREMENT,
	hash       BLOB NOT NULL UNIQUE, -- SHA-256 of the cookie's value
	token      INTEGER NOT NULL REFERENCES token (key) ON DELETE CASCADE,
	created_at INTEGER NOT NULL,
	seen_at    INTEGER NOT NULL
);

CREATE INDEX session_token ON session (token);
CREATE INDEX session_seen ON session (seen_at);

-- +goose Down

DROP TABLE session;
