-- Things counted once, and what they add up to. Columns that a series does not have are ''.

--: count
INSERT INTO counted (instance, project_id, thing) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING

--: add
INSERT INTO total (
    instance, project_id, series, service, environment, tier, status, kind, severity, clock,
    bucket, count, sum_seconds
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12)
ON CONFLICT DO UPDATE SET
    count = count + 1,
    sum_seconds = sum_seconds + excluded.sum_seconds

--: counted
SELECT instance, project_id, thing FROM counted

--: totals
SELECT
    instance, project_id, series, service, environment, tier, status, kind, severity, clock,
    bucket, count, sum_seconds
FROM total
