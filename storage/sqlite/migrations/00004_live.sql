-- What the live log needs to know of what is kept no longer.

-- +goose Up

-- swept: retention has removed deliveries, the highest of them had this seq. What
-- it has removed so far can have had any.
INSERT INTO counter (name, value)
	SELECT 'swept', CASE WHEN EXISTS (SELECT 1 FROM notification WHERE swept = 1) THEN value ELSE 0 END
	FROM counter WHERE name = 'seq';

-- +goose Down

DELETE FROM counter WHERE name = 'swept';
