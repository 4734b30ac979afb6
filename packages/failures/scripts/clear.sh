#!/bin/sh
# Ends the service and takes away all that was made for it.
pid=$(cat ~/service/pid 2>/dev/null)
[ -z "$pid" ] || kill "$pid" 2>/dev/null
rm -rf ~/service
