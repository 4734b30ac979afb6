#!/bin/sh
# What nginx counts, as JSON. Needs curl, and `stub_status` at the page that REM_PARAM_URL names.
set -eu
curl --silent --show-error --fail --max-time 5 "$REM_PARAM_URL" | awk '
    /^Active connections:/ { say("connections", $3) }
    /^ *[0-9]+ +[0-9]+ +[0-9]+ *$/ { say("accepted", $1); say("handled", $2); say("requests", $3); say("dropped", $1 - $2) }
    /^Reading:/ { say("reading", $2); say("writing", $4); say("waiting", $6) }
    function say(name, value) { printf "%s\"%s\": %s", (said++ ? ", " : "{"), name, value }
    END { if (said != 8) { exit 1 } print "}" }'
