-- Which subscriptions have stopped receiving; see storage.Silence.

-- +goose Up

-- What was sent since the subscription last displayed something, and when the first
-- of it was.
ALTER TABLE activity ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activity ADD COLUMN unseen_since INTEGER;

-- Few, as long as all is well. It has all that counting them takes.
CREATE INDEX activity_silent ON activity (subscription, failures, unseen, unseen_since) WHERE failures >= 3 OR unseen >= 3;

-- +goose Down

DROP INDEX activity_silent;
ALTER TABLE activity DROP COLUMN unseen_since;
ALTER TABLE activity DROP COLUMN unseen;
