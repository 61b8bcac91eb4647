-- The day's decisions as a person would write them in SQL for DuckDB: the reference of `huikuan bench day`.
-- Penalty in the index form of engine.md §2: one sum per payment and one per item, no windows, no loop over days.
-- Frames of the run are tables here: items, customers, on_account, settled_late, allocations, terms, reference,
-- steps, ladders. It answers a first run (no case, no hold, no contact yet); $as_of is the day.
-- Names in braces are filled from the policy: its bands as CASE, its segments as WHEN.

CREATE OR REPLACE TEMP TABLE graded AS
WITH worst AS (
    SELECT customer_id, max(getvariable('as_of') - due_on) FILTER (due_on < getvariable('as_of')) AS worst_days,
           min(issued_on) AS oldest_issued_on
      FROM items GROUP BY customer_id
), known AS (
    SELECT c.*, coalesce(w.worst_days, 0) AS worst_days,
           least(c.business_since, c.first_item_on, w.oldest_issued_on) AS known_since
      FROM customers c LEFT JOIN worst w USING (customer_id)
), facts AS (
    SELECT *, coalesce(greatest(
               (year(getvariable('as_of')) - year(known_since)) * 12 + month(getvariable('as_of')) - month(known_since)
               - (day(known_since) > day(getvariable('as_of')))::int, 0), 0) AS months_known
      FROM known
), scored AS (
    SELECT *, least(greatest({points}, 0), 100) AS score FROM facts
), lettered AS (
    SELECT *, CASE WHEN settled_count < {new_below_settled} AND months_known < {new_below_months} THEN 'N'
                   {by_score} ELSE 'C' END AS by_score
      FROM scored
)
SELECT customer_id, worst_days, late_count, industry, size_class, region, country, customer_code, score,
       coalesce(override_letter, CASE WHEN worst_days > {knock_out_days} THEN 'C' ELSE by_score END) AS letter
  FROM lettered;

CREATE OR REPLACE TEMP TABLE marks AS
WITH overdue AS (SELECT customer_id FROM graded WHERE worst_days > 0),
spells AS (
    SELECT customer_id, due_on, NULL::DATE AS settled_on FROM items SEMI JOIN overdue USING (customer_id)
    UNION ALL
    SELECT customer_id, due_on, settled_on FROM settled_late SEMI JOIN overdue USING (customer_id)
), months AS (
    SELECT back, (date_trunc('month', getvariable('as_of')) - to_months(back))::DATE AS starts_on,
           (date_trunc('month', getvariable('as_of')) - to_months(back - 1))::DATE AS ends_before
      FROM (SELECT unnest(range(1, {stop_months} + 1))::INT AS back)
), counted AS (
    SELECT customer_id, back FROM spells, months
     WHERE due_on < date_trunc('month', getvariable('as_of'))
       AND greatest(due_on + 1, starts_on) < least(coalesce(settled_on, ends_before), ends_before)
     GROUP BY customer_id, back HAVING count(*) >= {stop_items}
), breaking AS (
    SELECT customer_id FROM counted GROUP BY customer_id HAVING count(*) >= {stop_months}
)
SELECT customer_id, 'OVERDUE' AS kind FROM graded WHERE worst_days >= {overdue_days}
UNION ALL SELECT customer_id, 'HIGH_RISK' FROM graded WHERE worst_days > {high_risk_days}
UNION ALL SELECT customer_id, 'LONG_TERM' FROM graded WHERE worst_days > {long_term_days}
UNION ALL SELECT g.customer_id, 'STOP_ORDERS' FROM graded g SEMI JOIN breaking USING (customer_id)
           WHERE worst_days >= {overdue_days}
UNION ALL SELECT customer_id, 'BLACKLIST' FROM graded
           WHERE worst_days > {blacklist_days}
              OR (worst_days >= {overdue_days} AND late_count >= {blacklist_late_settlements});

CREATE OR REPLACE TEMP TABLE placed AS
WITH rolled AS (
    SELECT customer_id, currency, sum(open_minor)::BIGINT AS unpaid_minor, count(*) AS unpaid_count,
           coalesce(sum(open_minor) FILTER (due_on < getvariable('as_of')), 0)::BIGINT AS overdue_minor,
           count(*) FILTER (due_on < getvariable('as_of')) AS overdue_count,
           min(due_on) FILTER (due_on < getvariable('as_of')) AS oldest_due_on,
           arg_min(contract_kind, due_on::VARCHAR || lpad(item_id::VARCHAR, 19, '0'))
               FILTER (due_on < getvariable('as_of')) AS contract_kind
      FROM items GROUP BY customer_id, currency
), net AS (
    SELECT r.*, r.overdue_minor - coalesce(o.on_account_minor, 0) AS net_overdue_minor,
           CASE WHEN g.letter = 'N' THEN '{new_climbs_as}' ELSE g.letter END AS grade,
           g.industry, g.size_class, g.region, g.country, g.customer_code
      FROM rolled r LEFT JOIN on_account o USING (customer_id, currency) LEFT JOIN graded g USING (customer_id)
)
SELECT n.*, l.climb, l.minimum_minor,
       CASE WHEN l.climb IS NULL THEN 'NO_LADDER' WHEN oldest_due_on IS NULL THEN 'CURRENT'
            WHEN net_overdue_minor <= 0 THEN 'COVERED'
            WHEN net_overdue_minor < l.minimum_minor THEN 'BELOW_MINIMUM' END AS gate
  FROM (SELECT *, CASE {segments} END AS ladder FROM net) n LEFT JOIN ladders l USING (ladder, currency);

CREATE OR REPLACE TEMP TABLE climbed AS
WITH triggered AS (
    SELECT p.customer_id, p.currency, s.step_code, s.rank, s.action,
           s.is_formal OR p.climb <> 'latest' AS is_strict, s.is_formal
      FROM placed p JOIN steps s ON s.ladder = p.ladder AND s.currency = p.currency AND s.family = 'OVERDUE'
     WHERE p.gate IS NULL AND s.since_days IS NULL
       AND p.oldest_due_on + coalesce(s.anchor_days, 0) <= getvariable('as_of')
       AND (s.grades IS NULL OR list_contains(s.grades, p.grade))
       AND (s.months IS NULL OR list_contains(s.months, month(getvariable('as_of'))))
       AND (s.until_days IS NULL OR getvariable('as_of') <= p.oldest_due_on + s.until_days)
       AND (s.overdue_at_least_minor IS NULL OR p.net_overdue_minor >= s.overdue_at_least_minor)
       AND (s.unpaid_at_least_minor IS NULL OR p.unpaid_minor >= s.unpaid_at_least_minor)
       AND (s.overdue_count_at_least IS NULL OR p.overdue_count >= s.overdue_count_at_least)
       AND (s.unpaid_count_at_least IS NULL OR p.unpaid_count >= s.unpaid_count_at_least)
       AND (s.fruitless_at_least IS NULL OR s.fruitless_at_least <= 0)
), chosen AS (
    SELECT customer_id, currency, coalesce(min(rank) FILTER (is_strict), max(rank)) AS chosen_rank
      FROM triggered GROUP BY customer_id, currency
)
SELECT t.customer_id, t.currency, t.step_code, t.rank, t.is_formal, true AS is_overdue_step,
       CASE WHEN t.rank = c.chosen_rank THEN t.action ELSE 'SKIPPED' END AS action
  FROM triggered t JOIN chosen c USING (customer_id, currency) WHERE t.rank <= c.chosen_rank;

CREATE OR REPLACE TEMP TABLE coming AS
WITH alive AS (
    SELECT i.item_id, i.customer_id, i.currency, i.issued_on, i.due_on, n.grade, n.ladder
      FROM items i JOIN (
          SELECT i.item_id, CASE WHEN g.letter = 'N' THEN '{new_climbs_as}' ELSE g.letter END AS grade,
                 CASE {item_segments} END AS ladder
            FROM items i JOIN graded g USING (customer_id) WHERE i.due_on >= getvariable('as_of')
      ) n USING (item_id)
     WHERE i.due_on >= getvariable('as_of') AND i.issued_on <= getvariable('as_of')
), due AS (
    SELECT DISTINCT a.customer_id, a.currency, s.step_code, s.rank, s.action, s.is_formal, s.while_overdue
      FROM alive a JOIN steps s ON s.ladder = a.ladder AND s.currency = a.currency AND s.family = 'UPCOMING'
     WHERE (s.grades IS NULL OR list_contains(s.grades, a.grade))
       AND (s.months IS NULL OR list_contains(s.months, month(getvariable('as_of'))))
       AND getvariable('as_of') = CASE
             WHEN s.before_due_days IS NOT NULL THEN a.due_on - s.before_due_days
             WHEN s.after_issue_days IS NOT NULL THEN a.issued_on + s.after_issue_days
             ELSE a.issued_on + ((a.due_on - a.issued_on)::BIGINT * s.share_of_term_ppm // 1000000)::INT END
), kept AS (
    SELECT d.*, g.goes_out FROM due d
      LEFT JOIN (SELECT DISTINCT customer_id, currency, true AS goes_out FROM climbed WHERE action <> 'SKIPPED') g
             USING (customer_id, currency)
      JOIN placed p USING (customer_id, currency)
     WHERE d.while_overdue OR p.gate IS NOT NULL
)
SELECT customer_id, currency, step_code, rank, is_formal, false AS is_overdue_step,
       CASE WHEN goes_out IS NULL
             AND row_number() OVER (PARTITION BY customer_id, currency ORDER BY rank DESC, step_code) = 1
            THEN action ELSE 'SKIPPED' END AS action
  FROM kept;

CREATE OR REPLACE TEMP TABLE penalties AS
WITH late AS (
    SELECT i.item_id, i.customer_id, i.currency, i.amount_minor, i.open_minor, i.due_on, t.den, t.cap_share_ppm,
           t.cap_minor, t.reference_code, t.fixed_num + CASE WHEN t.anchor = 'AT_BREACH'
               THEN t.ref_num * coalesce(b.rate_ppm, 0) ELSE 0 END AS num,
           CASE WHEN t.anchor = 'AT_BREACH' THEN 0 ELSE t.ref_num END AS ref_num,
           i.due_on + CASE WHEN t.grace_mode = 'SHIFTING' THEN t.grace_days::INT ELSE 0 END AS start,
           i.due_on + t.grace_days::INT AS threshold
      FROM items i SEMI JOIN climbed USING (customer_id, currency)
      JOIN terms t USING (terms_id)
      LEFT JOIN reference b ON b.reference_code = t.reference_code AND b.day = i.due_on + 1
     WHERE i.due_on < getvariable('as_of')
), begun AS (
    SELECT l.*, coalesce(s.cum, 0) AS cum_start,
           CASE WHEN getvariable('as_of') > threshold
                THEN num * (getvariable('as_of') - start) + ref_num * (coalesce(n.cum, 0) - coalesce(s.cum, 0))
                ELSE 0 END AS today_gain
      FROM late l
      LEFT JOIN reference s ON s.reference_code = l.reference_code AND s.day = l.start
      LEFT JOIN reference n ON n.reference_code = l.reference_code AND n.day = getvariable('as_of')
), paid AS (
    SELECT b.item_id, sum(a.amount_minor::HUGEINT * (b.num * (a.effective_on - b.start)
                          + b.ref_num * (coalesce(r.cum, 0) - b.cum_start))) AS paid_num
      FROM allocations a JOIN begun b USING (item_id)
      LEFT JOIN reference r ON r.reference_code = b.reference_code AND r.day = a.effective_on
     WHERE a.effective_on > b.threshold AND a.effective_on <= getvariable('as_of')
     GROUP BY b.item_id
), exact AS (
    SELECT b.customer_id, b.currency, b.amount_minor, b.cap_share_ppm, b.cap_minor,
           (2 * (b.open_minor::HUGEINT * b.today_gain + coalesce(p.paid_num, 0)) + b.den) // (2 * b.den::HUGEINT) AS whole
      FROM begun b LEFT JOIN paid p USING (item_id)
)
SELECT customer_id, currency, sum(least(greatest(whole, 0),
           coalesce((2 * amount_minor::HUGEINT * cap_share_ppm + 1000000) // 2000000, whole),
           coalesce(cap_minor, whole)))::BIGINT AS penalty_minor
  FROM exact GROUP BY customer_id, currency;

CREATE OR REPLACE TEMP TABLE answer AS
WITH taken AS (SELECT * FROM climbed UNION ALL SELECT * FROM coming), rated AS (
    SELECT t.*, coalesce(p.penalty_minor, 0) AS penalty_minor, n.net_overdue_minor, n.overdue_minor, n.unpaid_minor,
           n.grade, coalesce(getvariable('as_of') - n.oldest_due_on, 0) AS late
      FROM taken t JOIN placed n USING (customer_id, currency) LEFT JOIN penalties p USING (customer_id, currency)
)
SELECT customer_id, currency, step_code, rank, action, penalty_minor, net_overdue_minor, overdue_minor, unpaid_minor,
       ((2 * greatest(net_overdue_minor, 0)::HUGEINT * ({gain}) * ({urgency}) * 100 * ({by_grade})
         * (CASE WHEN is_formal THEN {formal_percent} ELSE 100 END) + 10000000000) // 20000000000)::BIGINT AS priority
  FROM rated;
