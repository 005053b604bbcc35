-- By provider: waiting, deducted, reversed, received, open.
WITH waiting AS (
    SELECT provider, count(*) AS findings, sum(counted_fen) AS fen FROM finding WHERE step = 'signed' GROUP BY 1
), booked AS (
    SELECT provider, sum(fen) FILTER (WHERE kind = 'deduction' AND account = 'receivable') AS deducted,
           -sum(fen) FILTER (WHERE kind = 'reversal' AND account = 'receivable') AS reversed,
           sum(fen) FILTER (WHERE account = 'recovered') AS received,
           sum(fen) FILTER (WHERE account = 'recovered' AND offsets) AS offset_fen,
           sum(fen) FILTER (WHERE account = 'receivable') AS open, -sum(fen) FILTER (WHERE account = 'refund') AS refund
    FROM (SELECT e.*, p.manner = 'offset' AS offsets FROM money_entry e
          LEFT JOIN money_posting p ON p.id = e.posting_id AND e.account = 'recovered') e GROUP BY 1
)
SELECT coalesce(w.provider, b.provider) AS provider, coalesce(d.name, w.provider, b.provider) AS provider_name,
       coalesce(w.findings, 0) AS waiting, coalesce(w.fen, 0)::bigint AS waiting_fen,
       coalesce(b.deducted, 0)::bigint AS deducted_fen, coalesce(b.reversed, 0)::bigint AS reversed_fen,
       coalesce(b.received, 0)::bigint AS received_fen, coalesce(b.offset_fen, 0)::bigint AS offset_fen,
       coalesce(b.open, 0)::bigint AS open_fen,
       coalesce(b.deducted, 0) - coalesce(b.reversed, 0) - coalesce(b.received, 0) = coalesce(b.open, 0)
       AND coalesce(b.received, 0) + coalesce(b.open, 0) = coalesce(b.refund, 0) AS adds_up
FROM waiting w FULL JOIN booked b USING (provider)
LEFT JOIN provider_directory d ON d.provider = coalesce(w.provider, b.provider)
ORDER BY open_fen DESC, waiting_fen DESC, 1
