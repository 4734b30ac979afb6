#!/bin/sh
# Starts the service in a session of its own; where it runs already, nothing is done.
# Whether its process lives; one that is dead, and only not yet waited for, does not.
alive() {
    [ -n "$pid" ] || return 1
    row=
    { read -r row <"/proc/$pid/stat"; } 2>/dev/null
    case ${row##*) } in '' | Z*) return 1 ;; esac
}

cd ~/service || exit 1
pid=$(cat pid 2>/dev/null)
if alive; then
    echo "runs already"
    exit 0
fi
rm -f pid
setsid sh -c '
    echo $$ >pid
    . ./config
    while read -r question <ask; do echo "$name heard $question" >answer; done
' </dev/null >/dev/null 2>&1 &
i=0
until [ -s pid ] || [ "$i" -ge 50 ]; do
    i=$((i + 1))
    sleep 0.1
done
echo started
