#!/bin/sh
# Containers of a host: how many in each state, and what each uses, as JSON. Needs docker, or podman by that name.
set -eu
states=$(docker ps --all --format '{{.State}} {{.Status}}')
uses=$(docker stats --no-stream --format '{{.Name}} {{.CPUPerc}} {{.MemPerc}} {{.PIDs}}')
printf '%s\n=\n%s\n' "$states" "$uses" | awk '
    $1 == "=" { second = 1; next }
    !second && NF { count[$1]++; if (/\(unhealthy\)/) { ill++ } }
    second && NF == 4 {
        gsub("%", "")
        gsub(/["\\]/, "", $1)
        uses = uses sprintf(", \"%s cpu percent\": %s, \"%s memory percent\": %s, \"%s processes\": %s", $1, $2, $1, $3, $1, $4)
    }
    END {
        printf "{\"running\": %d, \"exited\": %d, \"restarting\": %d, \"paused\": %d, \"dead\": %d, \"unhealthy\": %d%s}\n",
            count["running"], count["exited"], count["restarting"], count["paused"], count["dead"], ill, uses
    }'
