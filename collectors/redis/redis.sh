#!/bin/sh
# What Redis or Valkey counts, as JSON. Needs redis-cli.
set -eu
export REDISCLI_AUTH="${REM_CREDENTIALS-}"
[ -n "$REDISCLI_AUTH" ] || unset REDISCLI_AUTH
redis-cli -h "$REM_ADDRESS" -p "$REM_PARAM_PORT" INFO | tr -d '\r' | awk -F: '
    BEGIN {
        split("connected_clients=clients blocked_clients=blocked_clients used_memory=memory_bytes " \
              "maxmemory=memory_allowed_bytes mem_fragmentation_ratio=fragmentation total_commands_processed=commands " \
              "total_connections_received=connects rejected_connections=rejected expired_keys=expired " \
              "evicted_keys=evicted keyspace_hits=hits keyspace_misses=misses connected_slaves=replicas " \
              "rdb_changes_since_last_save=unsaved_changes total_net_input_bytes=received_bytes " \
              "total_net_output_bytes=sent_bytes master_last_io_seconds_ago=source_silent_seconds " \
              "uptime_in_seconds=uptime", pairs, " ")
        for (i in pairs) { split(pairs[i], pair, "="); names[pair[1]] = pair[2] }
    }
    ($1 in names) && $2 ~ /^[0-9.]+$/ { name = names[$1]; gsub("_", " ", name); say(name, $2) }
    $1 ~ /^(rdb_last_bgsave|aof_last_write)_status$/ { bad += ($2 != "ok") }
    $1 == "master_link_status" { say("source connected", $2 == "up" ? 1 : 0) }
    $1 ~ /^db[0-9]+$/ { split($2, parts, /[=,]/); keys += parts[2] }
    function say(name, value) { printf "%s\"%s\": %s", (said++ ? ", " : "{"), name, value }
    END { if (!said) { exit 1 } say("keys", keys + 0); say("failed saves", bad + 0); print "}" }'
