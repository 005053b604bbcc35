-- What was reached becomes notices: folded into the one of its window; one that was read begins anew and is unread.
-- Counters first, in the order of names: whoever reads notices at the same time waits, or is waited for.
INSERT INTO notice_count AS kept (account, unread) SELECT DISTINCT recipient, 0 FROM reached
WHERE recipient NOT LIKE 'endpoint:%' ORDER BY 1
ON CONFLICT (account) DO UPDATE SET unread = kept.unread;

UPDATE notice_count c SET unread = c.unread + r.n
FROM (SELECT r.recipient, count(*) AS n FROM reached r WHERE NOT EXISTS (
          SELECT FROM notice k WHERE (k.recipient, k.event, k.subject, k.slot) = (r.recipient, r.event, r.subject, r.slot)
          AND k.read_at IS NULL) GROUP BY 1) r
WHERE c.account = r.recipient;

INSERT INTO notice AS kept (recipient, event, subject, slot, n, detail, first_at, at)
SELECT recipient, event, subject, slot, n, detail, first_at, at FROM reached ORDER BY at, recipient, event, subject
ON CONFLICT (recipient, event, subject, slot) DO UPDATE
SET n = CASE WHEN kept.read_at IS NULL THEN kept.n ELSE 0 END + excluded.n, at = excluded.at,
    detail = excluded.detail, read_at = NULL;

UPDATE notice_told t SET posted_at = now() FROM taken k WHERE k.id = t.id;
