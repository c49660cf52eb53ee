"""The statements that fill the tables, a batch of rows at a time.

`hashint8extended` scatters what belongs to a number, the same on every run.
"""

from __future__ import annotations

TABLES = """
    CREATE TEMPORARY TABLE fill_plan (
        slot int, era int, version_id bigint, definition_id bigint, workflow_type text, title text, data text,
        is_asked_for boolean
    );
    CREATE TEMPORARY TABLE fill_step (
        version_id bigint, place int, name text, display_name text, extension text, guid uuid,
        signal_guid uuid
    );
    CREATE TEMPORARY TABLE fill_row (
        number bigint, id bigint, status int, runs int, first_run bigint, version_id bigint,
        definition_id bigint, workflow_type text, title text, data jsonb, user_id bigint, user_name text,
        role_id bigint, approver_id bigint, approver_name text,
        started_at timestamptz, modified_at timestamptz
    );
"""

DROP = "DROP TABLE fill_plan, fill_step, fill_row"

# Suspended are those that wait; of the others 88 of a hundred are complete, 5 failed, 4 rejected, 2 cancelled
# for a restart, and one runs, which means here: a timer of it is due some day.
ROWS = """
    INSERT INTO fill_row
    SELECT n, %(first)s + n, status, CASE WHEN status = 4 THEN %(steps)s ELSE %(middle)s END,
        %(first_run)s + (n - 1) * %(steps)s, version_id, definition_id, workflow_type,
        replace(replace(title, '{host}', host), '{user}', user_name),
        replace(replace(replace(replace(data, '{host}', host), '{user}', replace(user_name, '\\', '\\\\')),
            '{department}', department), '{number}', n::text)::jsonb,
        CASE WHEN is_asked_for THEN user_id END, user_name,
        CASE WHEN waits THEN (%(roles)s::bigint[])[1 + abs(hashint8extended(n, 5) %% %(role_count)s)] END,
        (%(people)s::bigint[])[approver], (%(names)s::text[])[approver],
        started_at, started_at + interval '1 minute' * %(steps)s
    FROM generate_series(%(begin)s::bigint, %(end)s::bigint) AS n
    CROSS JOIN LATERAL (
        SELECT n * %(pending)s / %(count)s <> (n - 1) * %(pending)s / %(count)s AS waits,
            abs(hashint8extended(n, 1) %% 100) AS luck,
            abs(hashint8extended(n, 2) %% 100) AS slot,
            1 + abs(hashint8extended(n, 3) %% %(people_count)s) AS person,
            1 + abs(hashint8extended(n, 6) %% %(people_count)s) AS approver,
            'host-' || abs(hashint8extended(n, 4) %% (%(count)s / 3 + 1)) || '.keyexample.com' AS host,
            (ARRAY['Payments', 'Logistics', 'Research', 'Retail'])[1 + n %% 4] AS department,
            now() - interval '3 years' * (%(count)s - n + 1) / %(count)s AS started_at
    ) AS drawn
    CROSS JOIN LATERAL (
        SELECT CASE WHEN waits THEN 2 WHEN luck < 88 THEN 4 WHEN luck < 93 THEN 3 WHEN luck < 97 THEN 5
            WHEN luck < 99 THEN 6 ELSE 1 END AS status
    ) AS state
    JOIN fill_plan AS p ON p.slot = CASE WHEN waits THEN 100 + drawn.slot ELSE drawn.slot END
        AND p.era = (n - 1) * %(eras)s / %(count)s
    CROSS JOIN LATERAL (
        SELECT (%(people)s::bigint[])[person] AS user_id,
            CASE WHEN is_asked_for THEN (%(names)s::text[])[person] ELSE 'Timer Service' END AS user_name
    ) AS started_by
"""

INSTANCES = """
    INSERT INTO workflows_instance (id, guid, version_id, status, status_message, queue, ready_at, step_name,
        step_display_name, step_guid, attempt, run_id, data, was_stopped, initiator_id, started_at,
        modified_at)
    SELECT r.id, gen_random_uuid(), r.version_id, status, CASE status
            WHEN 2 THEN 'Awaiting 1 more approval(s) from approval roles.'
            WHEN 3 THEN 'Step ''Approve'' failed: nobody holds the role.' WHEN 4 THEN 'Complete'
            WHEN 5 THEN 'Workflow rejected by user with Id ' || approver_id || '.' ELSE '' END,
        'interactive', CASE WHEN status = 1 THEN now() + interval '1 year' * number / %(count)s
            + interval '30 days' END,
        s.name, s.display_name, s.guid, 1, CASE WHEN status IN (1, 2) THEN first_run + runs END, data, false,
        user_id, started_at, modified_at
    FROM fill_row AS r JOIN fill_step AS s ON s.version_id = r.version_id AND s.place = r.runs
    ORDER BY r.id
"""

RECORDS = """
    INSERT INTO workflows_instancerecord (instance_id, definition_id, started_at, title, initiating_user_name,
        workflow_type, key, initial_data)
    SELECT id, definition_id, started_at, title, user_name, workflow_type, '', data FROM fill_row ORDER BY id
"""

# Statuses of runs: 3 done, and for the last one 2 waiting, 5 failed, 6 rejected.
STEP_RUNS = """
    INSERT INTO workflows_steprun (id, instance_id, step_name, step_display_name, extension, attempt, status,
        output, message, content_digest, changes, started_at, finished_at)
    SELECT first_run + place, r.id, s.name, s.display_name, s.extension, 1, run.status,
        CASE WHEN run.status = 3 AND place < %(steps)s THEN 'continue' ELSE '' END, '', '',
        CASE WHEN place = 2 THEN '{"Checked": true}'::jsonb END,
        started_at + interval '1 minute' * (place - 1),
        CASE WHEN run.status <> 2 THEN started_at + interval '1 minute' * place END
    FROM fill_row AS r JOIN fill_step AS s ON s.version_id = r.version_id AND s.place <= r.runs
    CROSS JOIN LATERAL (
        SELECT CASE WHEN place < runs OR r.status IN (4, 6) THEN 3 WHEN r.status = 3 THEN 5
            WHEN r.status = 5 THEN 6 ELSE 2 END AS status
    ) AS run
    ORDER BY r.id, place
"""

PENDING = """
    INSERT INTO workflows_pendingsignal (instance_id, step_name, signal_name, signal_guid, role_id,
        excluded_ids)
    SELECT r.id, s.name, 'ApprovalStatus', s.signal_guid, role_id, array_remove(ARRAY[user_id], NULL)
    FROM fill_row AS r JOIN fill_step AS s ON s.version_id = r.version_id AND s.place = r.runs
    WHERE role_id IS NOT NULL
    ORDER BY r.id
"""

DECISIONS = """
    INSERT INTO workflows_signaldecision (instance_id, step_name, signal_name, user_id, user_name, approved,
        comment, content_digest, decided_at)
    SELECT r.id, s.name, 'ApprovalStatus', approver_id, approver_name, false, 'Not needed any more.', '',
        modified_at
    FROM fill_row AS r JOIN fill_step AS s ON s.version_id = r.version_id AND s.place = r.runs
    WHERE r.status = 5
    ORDER BY r.id
"""

IN_ORDER = (ROWS, INSTANCES, RECORDS, STEP_RUNS, PENDING, DECISIONS)
