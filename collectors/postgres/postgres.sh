#!/bin/sh
# What a PostgreSQL server counts, as JSON. Needs the client `psql`; a user with the role pg_monitor.
set -eu
export PGPASSWORD="${REM_CREDENTIALS-}" PGCONNECT_TIMEOUT=5
psql --host="$REM_ADDRESS" --port="$REM_PARAM_PORT" --username="$REM_PARAM_USER" --dbname="$REM_PARAM_DATABASE" \
    --no-psqlrc --no-password --tuples-only --no-align --field-separator='|' --set=ON_ERROR_STOP=1 --command="
SELECT 'connections', count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'
UNION ALL SELECT 'connections allowed', setting::bigint FROM pg_settings WHERE name = 'max_connections'
UNION ALL SELECT 'active', count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()
UNION ALL SELECT 'idle in transaction', count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'
UNION ALL SELECT 'waiting for locks', count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
UNION ALL SELECT 'oldest transaction seconds', coalesce(extract(epoch FROM max(now() - xact_start)), 0) FROM pg_stat_activity WHERE backend_type = 'client backend'
UNION ALL SELECT 'commits', sum(xact_commit) FROM pg_stat_database
UNION ALL SELECT 'rollbacks', sum(xact_rollback) FROM pg_stat_database
UNION ALL SELECT 'blocks from disk', sum(blks_read) FROM pg_stat_database
UNION ALL SELECT 'blocks from memory', sum(blks_hit) FROM pg_stat_database
UNION ALL SELECT 'deadlocks', sum(deadlocks) FROM pg_stat_database
UNION ALL SELECT 'temporary bytes', sum(temp_bytes) FROM pg_stat_database
UNION ALL SELECT 'database bytes', sum(pg_database_size(oid)) FROM pg_database WHERE datallowconn
UNION ALL SELECT 'replica seconds behind', extract(epoch FROM now() - pg_last_xact_replay_timestamp()) WHERE pg_is_in_recovery()
UNION ALL SELECT 'oldest transaction ids', max(age(datfrozenxid)) FROM pg_database" |
    awk -F'|' '
        NF == 2 && $2 ~ /^-?[0-9.]+$/ { printf "%s\"%s\": %s", (said++ ? ", " : "{"), $1, $2 }
        END { if (!said) { exit 1 } print "}" }'
