#!/bin/sh
# Tests that this machine keeps what is written: a file, its checksum, and how many megabytes are free beside it.
set -eu
file=$(mktemp)
trap 'rm -f "$file"' EXIT
dd if=/dev/urandom of="$file" bs=1024 count=256 2>/dev/null
first=$(cksum <"$file")
second=$(cksum <"$file")
test "$first" = "$second"
free=$(df -Pm "$(dirname "$file")" | awk 'NR == 2 { print $4 }')
printf '{"free mb": %s}\n' "$free" >"$REM_RESULT"
echo "tested $(hostname)"
