#!/bin/sh
# Writes 8 MB, waits until they are on the disk, and says how long that took.
set -eu
if [ "$REM_PARAM_BROKEN" = "$REM_HOST" ]; then
    echo "$REM_HOST: no space left on device" >&2
    exit 28
fi
file=$(mktemp)
trap 'rm -f "$file"' EXIT
before=$(date +%s%N)
dd if=/dev/zero of="$file" bs=1M count=8 conv=fsync 2>/dev/null
after=$(date +%s%N)
printf '{"write ms": %s}\n' "$(((after - before) / 1000000))" >"$REM_RESULT"
