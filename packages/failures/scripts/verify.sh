#!/bin/sh
# Asks the service something; it must answer by its own name.
# Whether its process lives; one that is dead, and only not yet waited for, does not.
alive() {
    [ -n "$pid" ] || return 1
    row=
    { read -r row <"/proc/$pid/stat"; } 2>/dev/null
    case ${row##*) } in '' | Z*) return 1 ;; esac
}

cd ~/service || exit 1
pid=$(cat pid)
if ! alive; then
    echo "the service does not run" >&2
    exit 1
fi
echo hello >ask
read -r answer <answer
echo "$answer"
[ "$answer" = "$REM_HOST heard hello" ] || exit 1
echo "$pid" >verified
