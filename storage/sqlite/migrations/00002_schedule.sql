-- Repeating notifications, lists and their filters, invites, statistics.

-- +goose Up

-- A repeating notification stays scheduled, and its due_at is its next run.
ALTER TABLE notification ADD COLUMN repeat TEXT NOT NULL DEFAULT '';
ALTER TABLE notification ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
-- The id of the repeating notification that this is a run of; it outlives that
-- one, so no reference.
ALTER TABLE notification ADD COLUMN parent BLOB;
-- 1: its target is everyone.
ALTER TABLE notification ADD COLUMN everyone INTEGER NOT NULL DEFAULT 0;

UPDATE notification SET everyone = 1 WHERE
	COALESCE(json_array_length(target, '$.categories'), 0) = 0 AND
	COALESCE(json_array_length(target, '$.users'), 0) = 0 AND
	COALESCE(json_array_length(target, '$.subscriptions'), 0) = 0;

CREATE UNIQUE INDEX notification_run ON notification (parent, due_at) WHERE parent IS NOT NULL;
-- Lists go by key, those of a state too. One index by state and key would draw
-- the queue's look-ups away from its own. A deleted notification has the state
-- 'deleted' until its deliveries have been removed; no read shows it.
CREATE INDEX notification_list_scheduled ON notification (key) WHERE state = 'scheduled';
CREATE INDEX notification_list_sending ON notification (key) WHERE state = 'sending';
CREATE INDEX notification_list_sent ON notification (key) WHERE state = 'sent';
CREATE INDEX notification_list_canceled ON notification (key) WHERE state = 'canceled';
CREATE INDEX notification_list_expired ON notification (key) WHERE state = 'expired';
CREATE INDEX notification_deleted ON notification (key) WHERE state = 'deleted';
CREATE INDEX notification_everyone ON notification (key) WHERE everyone = 1;

-- The categories that a notification's target names.
CREATE TABLE addressed (
	category     INTEGER NOT NULL REFERENCES category (key) ON DELETE CASCADE,
	notification INTEGER NOT NULL REFERENCES notification (key) ON DELETE CASCADE,
	PRIMARY KEY (category, notification)
) WITHOUT ROWID;

CREATE INDEX addressed_notification ON addressed (notification);

INSERT INTO addressed (category, notification)
	SELECT DISTINCT c.key, n.key FROM notification n, json_each(n.target, '$.categories') j JOIN category c ON c.name = j.value;

-- Deliveries that were not sent are few, and are what one looks for. What is
-- sent at once never touches this.
CREATE INDEX delivery_unsent ON delivery (notification, status, subscription) WHERE status <> 2;

CREATE TABLE invite (
	key        INTEGER PRIMARY KEY AUTOINCREMENT,
	id         BLOB NOT NULL UNIQUE,
	hash       BLOB NOT NULL UNIQUE,
	user_name  TEXT NOT NULL DEFAULT '',
	uses       INTEGER NOT NULL, -- left
	created_at INTEGER NOT NULL,
	expires_at INTEGER
);

-- References, unlike a token's names: an invite whose category is deleted grants
-- less, never more.
CREATE TABLE invite_category (
	invite   INTEGER NOT NULL REFERENCES invite (key) ON DELETE CASCADE,
	category INTEGER NOT NULL REFERENCES category (key) ON DELETE CASCADE,
	PRIMARY KEY (invite, category)
) WITHOUT ROWID;

CREATE INDEX invite_category_category ON invite_category (category);

-- What became of deliveries, counted as it is settled: by minute for an hour, by
-- hour for a week.
CREATE TABLE tally (
	span    INTEGER NOT NULL, -- 60000 or 3600000
	slot    INTEGER NOT NULL, -- where it begins
	service TEXT NOT NULL,
	event   INTEGER NOT NULL,
	count   INTEGER NOT NULL,
	PRIMARY KEY (span, slot, service, event)
) WITHOUT ROWID;

-- What deliveries say of their subscription. It follows the deliveries in their
-- order of seq, some time later, so that settling one never waits for it. No
-- reference: it would be looked up for every row.
CREATE TABLE activity (
	subscription      INTEGER PRIMARY KEY,
	last_sent_at      INTEGER,
	last_displayed_at INTEGER,
	failures          INTEGER NOT NULL -- since the last that was sent
);

-- digested: activity holds all deliveries up to this seq.
INSERT INTO counter (name, value) VALUES ('digested', 0);

-- +goose Down

DELETE FROM counter WHERE name = 'digested';
DROP TABLE activity;
DROP TABLE tally;
DROP TABLE invite_category;
DROP TABLE invite;
DROP INDEX delivery_unsent;
DROP TABLE addressed;
DROP INDEX notification_everyone;
DROP INDEX notification_deleted;
DROP INDEX notification_list_expired;
DROP INDEX notification_list_canceled;
DROP INDEX notification_list_sent;
DROP INDEX notification_list_sending;
DROP INDEX notification_list_scheduled;
DROP INDEX notification_run;
ALTER TABLE notification DROP COLUMN everyone;
ALTER TABLE notification DROP COLUMN parent;
ALTER TABLE notification DROP COLUMN time_zone;
ALTER TABLE notification DROP COLUMN repeat;
