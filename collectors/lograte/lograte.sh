#!/bin/sh
# How fast a log grows, and how fast lines of it that match: counters, which REM turns into rates, as JSON.
set -eu
[ -r "$REM_PARAM_FILE" ] || { echo "$REM_PARAM_FILE cannot be read" >&2; exit 1; }
bytes=$(wc -c <"$REM_PARAM_FILE")
lines=$(wc -l <"$REM_PARAM_FILE")
matching=$(grep -c -E -e "$REM_PARAM_PATTERN" "$REM_PARAM_FILE" || true)
printf '{"bytes": %d, "lines": %d, "matching lines": %d}\n' "$bytes" "$lines" "$matching"
