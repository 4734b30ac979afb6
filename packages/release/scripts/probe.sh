#!/bin/sh
# How much room there is, in GB.
free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1048576) }')
printf '{"free": %s}\n' "$free" >"$REM_RESULT"
