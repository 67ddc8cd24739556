-- Lifetime totals of the services of one repository, where they are told apart.

CREATE TABLE total_by_service (
    instance    INTEGER NOT NULL,
    project_id  INTEGER NOT NULL,
    series      TEXT NOT NULL,
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    tier        TEXT NOT NULL,
    status      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    severity    TEXT NOT NULL,
    clock       TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    sum_seconds INTEGER NOT NULL,
    PRIMARY KEY (
        instance, project_id, series, service, environment, tier, status, kind, severity, clock,
        bucket
    )
) STRICT, WITHOUT ROWID;

INSERT INTO total_by_service
SELECT
    instance, project_id, series, '', environment, tier, status, kind, severity, clock, bucket,
    count, sum_seconds
FROM total;

DROP TABLE total;

ALTER TABLE total_by_service RENAME TO total;
