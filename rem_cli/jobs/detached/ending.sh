# A tenth of a second, which is counted.
pause() {
    tenth=$((tenth + 1))
    sleep 0.1 2>/dev/null || { sleep 1 && tenth=$((tenth + 9)); }
}

# Whether a process group has anything in it that is not dead and only not yet waited for.
lives() {
    kill -0 "-$1" 2>/dev/null || return 1
    for stat in /proc/[0-9]*/stat; do
        { IFS= read -r row <"$stat"; } 2>/dev/null || continue
        set -- "$1" ${row##*) }
        case "$4 $2" in "$1 Z" | "$1 X") ;; "$1 "*) return 0 ;; esac
    done
    return 1
}

# What left its group, and still carries the run's mark.
strays() {
    for environ in $(grep -ls "REM_MARK=$1" /proc/[0-9]*/environ 2>/dev/null); do
        environ=${environ#/proc/}
        printf '%s ' "${environ%/*}"
    done
}

signal() {
    [ -z "$2" ] || kill "-$1" "-$2" "$2" 2>/dev/null # it may not lead its group yet
    for stray in $(strays "$3"); do kill "-$1" "$stray" 2>/dev/null; done
}

gone_in() {
    tenth=0
    while { [ -n "$1" ] && lives "$1"; } || [ -n "$(strays "$2")" ]; do
        [ "$tenth" -lt "$3" ] || return 1
        pause
    done
}

# Ends GROUP and whatever carries MARK: TERM, so many TENTHS of a second, KILL, the same again. 1: some of it lives.
# A group is only signalled while its leader is the process that it was: its number may be another's by now.
end_all() {
    whole=
    if goes_on "$1" "$2"; then whole=$1; fi
    signal TERM "$whole" "$3"
    gone_in "$whole" "$3" "$4" && return 0
    signal KILL "$whole" "$3"
    gone_in "$whole" "$3" "$4"
}
