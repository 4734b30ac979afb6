#!/bin/sh
# Fetches $URL once, and says how long that took and how many bytes came. An error status of the site is a failure.
set -eu
before=$(date +%s%N)
bytes=$(curl --fail --silent --show-error --location --output /dev/null --write-out '%{size_download}' -- "$URL")
after=$(date +%s%N)
printf '{"fetch ms": %s, "bytes": %s}\n' "$(((after - before) / 1000000))" "$bytes" >"$REM_RESULT"
