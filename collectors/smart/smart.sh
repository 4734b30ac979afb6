#!/bin/sh
# What disks say of their own health, as JSON. Needs smartmontools, and root.
set -eu
for disk in $(smartctl --scan | awk '{ print $1 }'); do
    # Its exit status is a set of bits about the disk, and no failure of the program.
    smartctl -H -A "$disk" | awk -v disk="${disk#/dev/}" '
        /overall-health self-assessment test result:/ { say("healthy", $NF == "PASSED" ? 1 : 0) }
        /^SMART Health Status:/ { say("healthy", $NF == "OK" ? 1 : 0) }
        $2 == "Reallocated_Sector_Ct" { say("reallocated sectors", $10) }
        $2 == "Current_Pending_Sector" { say("pending sectors", $10) }
        $2 == "Offline_Uncorrectable" { say("uncorrectable sectors", $10) }
        $2 == "Temperature_Celsius" { say("temperature", $10) }
        $2 == "Power_On_Hours" { say("hours", $10 + 0) }
        /^Temperature:/ { say("temperature", $2) }
        /^Percentage Used:/ { sub("%", "", $3); say("worn percent", $3) }
        /^Available Spare:/ { sub("%", "", $3); say("spare percent", $3) }
        /^Media and Data Integrity Errors:/ { gsub(",", "", $NF); say("media errors", $NF) }
        /^Power On Hours:/ { gsub(",", "", $NF); say("hours", $NF) }
        function say(name, value) { if (value ~ /^[0-9]+$/) { printf "\"%s %s\": %s\n", disk, name, value } }' || true
done | awk '{ printf "%s%s", (NR > 1 ? ", " : "{"), $0 } END { print (NR ? "}" : "{}") }'
