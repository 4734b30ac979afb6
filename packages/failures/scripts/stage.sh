#!/bin/sh
# In which stage this host is, by what is found on it.

# Whether its process lives; one that is dead, and only not yet waited for, does not.
alive() {
    [ -n "$pid" ] || return 1
    row=
    { read -r row <"/proc/$pid/stat"; } 2>/dev/null
    case ${row##*) } in '' | Z*) return 1 ;; esac
}
cd ~/service 2>/dev/null || cd /
pid=$(cat pid 2>/dev/null)
if [ ! -f config ]; then
    stage=new
elif ! alive; then
    stage=configured
    [ ! -f active ] || stage=down
elif [ "$(cat verified 2>/dev/null)" != "$pid" ]; then
    stage=started
elif [ -f active ]; then
    stage=active
else
    stage=verified
fi
echo "$stage"
printf '{"stage": "%s", "pid": %s}\n' "$stage" "${pid:-0}" >"$REM_RESULT"
