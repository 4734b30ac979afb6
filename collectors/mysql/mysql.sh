#!/bin/sh
# What a MySQL or MariaDB server counts, as JSON. Needs the client `mysql`; a user with PROCESS and REPLICATION CLIENT.
set -eu
export MYSQL_PWD="${REM_CREDENTIALS-}"
ask() {
    mysql --host="$REM_ADDRESS" --port="$REM_PARAM_PORT" --user="$REM_PARAM_USER" --batch --skip-column-names \
        --connect-timeout=5 --execute="$1"
}
status=$(ask "SHOW GLOBAL STATUS")
most=$(ask "SHOW GLOBAL VARIABLES LIKE 'max_connections'")
# Old servers know no REPLICA, and a server that is none answers nothing.
replica=$(ask "SHOW REPLICA STATUS\\G" 2>/dev/null || ask "SHOW SLAVE STATUS\\G" 2>/dev/null || true)
printf '%s\n%s\n%s\n' "$status" "$most" "$replica" | awk '
    BEGIN {
        split("Threads_connected=connections Threads_running=running Max_used_connections=most_connections_used " \
              "Queries=queries Slow_queries=slow_queries Connections=connects Aborted_connects=failed_connects " \
              "Bytes_received=received_bytes Bytes_sent=sent_bytes Innodb_row_lock_waits=lock_waits " \
              "Innodb_buffer_pool_reads=disk_reads Innodb_buffer_pool_read_requests=reads Uptime=uptime " \
              "Created_tmp_disk_tables=temporary_tables_on_disk max_connections=connections_allowed", pairs, " ")
        for (i in pairs) { split(pairs[i], pair, "="); names[pair[1]] = pair[2] }
    }
    $1 ~ /^Seconds_Behind_(Master|Source):$/ && $2 != "NULL" { say("replica seconds behind", $2); next }
    $1 ~ /^(Slave|Replica)_SQL_Running:$/ { say("replica running", $2 == "Yes" ? 1 : 0); next }
    ($1 in names) && $2 ~ /^[0-9]+$/ { name = names[$1]; gsub("_", " ", name); say(name, $2) }
    function say(name, value) { printf "%s\"%s\": %s", (said++ ? ", " : "{"), name, value }
    END { if (!said) { exit 1 } print "}" }'
