#!/bin/sh
# Units of systemd: how many have failed, and how those that REM_PARAM_UNITS names are, as JSON.
set -eu
failed=$(systemctl list-units --all --plain --no-legend --state=failed | grep -c . || true)
waiting=$(systemctl list-jobs --no-legend | grep -c . || true)
printf '{"failed units": %d, "waiting jobs": %d' "$failed" "$waiting"
for unit in $REM_PARAM_UNITS; do
    systemctl show --property=ActiveState,NRestarts,MemoryCurrent,TasksCurrent "$unit" | awk -F= -v unit="$unit" '
        $1 == "ActiveState" { printf ", \"%s active\": %d", unit, $2 == "active" }
        $1 == "NRestarts" && $2 ~ /^[0-9]+$/ { printf ", \"%s restarts\": %s", unit, $2 }
        $1 == "MemoryCurrent" && $2 ~ /^[0-9]+$/ && length($2) < 19 { printf ", \"%s memory bytes\": %s", unit, $2 }
        $1 == "TasksCurrent" && $2 ~ /^[0-9]+$/ && length($2) < 19 { printf ", \"%s tasks\": %s", unit, $2 }'
done
echo "}"
