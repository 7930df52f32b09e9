UPDATE counter SET value = 7 WHERE name = 'seq';
UPDATE counter SET value = 3 WHERE name = 'run';
UPDATE counter SET value = 6 WHERE name = 'digested';
INSERT INTO secret VALUES ('receipts', CAST('abcd' AS BLOB));
INSERT INTO vapid_key VALUES (1, 'k1', x'04', x'01', 1760000000000);
INSERT INTO category VALUES (1, x'33333333333343338333333333333333', 'ops', '', 1);
INSERT INTO subscription VALUES
	(1, x'11111111111141118111111111111111', 'https://push.example/1', x'AA', x'04', x'01', NULL, 'push.example', 0, 1, 'phone', 'ana', 'Firefox', 1760000000000, 1760000000000, 1760000000000, NULL, ''),
	(2, x'22222222222242228222222222222222', 'https://push.example/2', x'BB', x'04', x'01', 1770000000000, 'push.example', 1, 1, '', '', '', 1760000000000, 1760000000000, 1760000000000, 1760000005000, 'gone');
INSERT INTO member VALUES (1, 1), (1, 2);
INSERT INTO token VALUES (1, x'44444444444444448444444444444444', 'grafana', 'publish', '["ops"]', 'recado', x'CC', 1760000000000, NULL, NULL);
INSERT INTO session VALUES (1, x'FF', 1, 1760000000000, 1760000001000);
INSERT INTO notification (key, id, state, content, target, ttl, urgency, topic, token, warnings, created_at, due_at, started_at, finished_at, cursor, high, audience_read, targeted, sent, gone, displayed)
	VALUES (1, x'0192F000000070008000000000000001', 'sent', '{"title":"first"}', '{"categories":["ops"]}', 86400000, 'normal', '', 1, 'null', 1760000000000, 1760000000000, 1760000001000, 1760000005000, 2, 2, 1, 2, 1, 1, 1);
INSERT INTO notification (key, id, state, content, target, ttl, urgency, topic, token, warnings, created_at, due_at, started_at, cursor, high, audience_read, targeted)
	VALUES (2, x'0192F000000070008000000000000002', 'sending', '{"title":"second"}', '{}', 86400000, 'high', 't', 1, '["long"]', 1760000090000, 1760000090000, 1760000091000, 2, 2, 1, 1);
INSERT INTO notification (key, id, state, content, target, ttl, urgency, topic, token, warnings, created_at, scheduled_at, due_at, everyone, repeat, time_zone)
	VALUES (3, x'0192F000000070008000000000000003', 'scheduled', '{"title":"daily"}', '{}', 86400000, 'normal', '', 1, 'null', 1760000000000, 1760000000000, 1770000000000, 1, '0 9 * * *', 'Europe/Lisbon');
UPDATE notification SET parent = x'0192F000000070008000000000000003', everyone = 1 WHERE key = 2;
INSERT INTO addressed VALUES (1, 1);
INSERT INTO invite VALUES (1, x'55555555555545558555555555555555', x'EE', 'ana', 2, 1760000000000, NULL);
INSERT INTO invite_category VALUES (1, 1);
INSERT INTO tally VALUES (60000, 1760000000000, 'push.example', 2, 1), (3600000, 1759996800000, 'push.example', 2, 1);
INSERT INTO activity VALUES (2, 1760000001000, NULL, 1, 1, 1760000001000);
INSERT INTO idempotency VALUES (1, 'k', x'DD', 1, 1760000000000);
INSERT INTO delivery VALUES
	(6, 1, 2, 4, NULL, 1, 410, 'gone', 1760000005000, NULL, 30, NULL, NULL, NULL),
	(7, 1, 1, 2, 7, 1, 201, NULL, 1760000004000, NULL, 20, 1760000006000, NULL, NULL);
INSERT INTO lease VALUES (1, 2, 3, 1, x'01');
UPDATE counter SET value = 5 WHERE name = 'swept';
