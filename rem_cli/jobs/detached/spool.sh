# What REM runs on a host for its long jobs, each of which has a folder NAME here.
#
#     start NAME LIMIT RUN HEAD PROGRAM INPUT   begin one; the four are sizes of what comes by standard input, in this order
#     pull BUDGET      rows `NAME OUT ERR`: what each has to tell from these offsets on; each answer is a row, then its bytes
#     cancel           rows `NAME TENTHS`: end them, with so long between TERM and KILL
#     drop             rows `NAME`: these are recorded elsewhere
#
# Answers end in a row `done`.
export LC_ALL=C
mask=$(umask)
umask 077
unset REM_MARK
root=${XDG_STATE_HOME:-$HOME/.local/state}/rem/runs
tab=$(printf '\t')

refuse() {
    [ -z "$work" ] || rm -rf -- "$work"
    printf 'refused\t%s\ndone\n' "$1"
    exit 0
}

piece() { tail -c "+$(($1 + 1))" <"$work/all" | head -c "$2"; }

start() {
    work=
    mkdir -p "$root" 2>/dev/null || refuse "cannot make the directory $root"
    { [ ! -h "$root" ] && [ -O "$root" ] && chmod 700 "$root"; } || refuse "$root is not a directory of this user's own"
    command -v setsid >/dev/null || refuse "setsid is not installed there (util-linux or busybox)"
    [ -n "$(since $$)" ] || refuse "there is no /proc, by which a process is known again"
    free=$(df -Pk "$root" | sed -n '$s/.*[^0-9]\([0-9][0-9]*\)  *[0-9]*%.*/\1/p')
    if [ "${free:-$2}" -lt $(($2 / 1024 * 2)) ]; then refuse "only $free KiB are free there for what it will print"; fi
    mkdir "$root/$1" 2>/dev/null || refuse "cannot make the directory $root/$1"
    work=$root/$1
    printf '%s %s %s\n' $$ "$(since $$)" "$(boot)" >"$work/start"
    cat >"$work/all"
    [ "$(($(wc -c <"$work/all")))" = $(($3 + $4 + $5 + $6)) ] || refuse "what is to run did not arrive whole (is the disk full?)"
    {
        piece 0 "$3" >"$work/run" && piece "$3" "$4" >"$work/head" && echo "mask=$mask" >>"$work/head" &&
            piece $(($3 + $4)) "$5" >"$work/program" && piece $(($3 + $4 + $5)) "$6" >"$work/in" &&
            chmod 700 "$work/program" && rm -f "$work/all"
    } || refuse "cannot write in $root (is the disk full?)"
    told=$({ setsid sh "$work/run" </dev/null 2>/dev/null & })
    [ "$told" = started ] || refuse "its runner did not begin"
    printf 'started\t%s\ndone\n' "$(cat "$work/began")"
}

size() { if [ -f "$1" ] && [ ! -h "$1" ]; then echo $(($(wc -c <"$1"))); else echo 0; fi; }

# How a run stands. One whose runner is gone has lost it: with the host, or alone.
standing() {
    told=
    if [ ! -d "$one" ]; then how=gone; return; fi
    if [ ! -f "$one/status" ] && ! alive "$one" && [ ! -f "$one/status" ]; then
        if [ ! -s "$one/pid" ]; then
            how=unstarted
            if { read -r starter began at_boot <"$one/start"; } 2>/dev/null && goes_on "$starter" "$began"; then how=runs; fi
            return
        fi
        read -r runner began at_boot <"$one/pid"
        why=killed
        [ "$at_boot" = "$(boot)" ] || why=restarted
        printf 'lost\t0\t%s\t%s\t0\t0\t%s\n' "$(cat "$one/began")" "$(date +%s)" "$why" >"$one/status.new"
        mv -f "$one/status.new" "$one/status"
    fi
    how=runs
    if [ -f "$one/status" ]; then
        IFS= read -r told <"$one/status"
        how=${told%%$tab*}
    fi
}

left() { if [ "$(size "$1")" -gt "$2" ]; then echo $(($(size "$1") - $2)); else echo 0; fi; }
least() { if [ "$1" -lt "$2" ]; then echo "$1"; else echo "$2"; fi; }

pull() {
    room=$1
    while read -r name out err; do
        one=$root/$name
        standing
        case $how in gone | unstarted) printf 'run\t%s\t%s\t0\t0\t0\t0\t0\t0\t\n' "$name" "$how" && continue ;; esac
        out_left=$(left "$one/out" "$out")
        err_left=$(left "$one/err" "$err")
        out_now=$(least "$out_left" "$room")
        err_now=$(least "$err_left" $((room - out_now)))
        result=0
        whole=$(size "$one/result")
        more=0
        [ "$((out_left + err_left))" = "$((out_now + err_now))" ] || more=1
        if [ "$more" = 0 ] && [ "$how" != runs ]; then result=$(least "$whole" 1048576); fi
        if [ "$result" -gt $((room - out_now - err_now)) ]; then result=0 more=1; fi
        began=$(cat "$one/began" 2>/dev/null)
        printf 'run\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
            "$name" "$how" "$out_now" "$err_now" "$result" "$whole" "$more" "${began:-0}" "${told#*$tab}"
        [ "$out_now" = 0 ] || tail -c "+$((out + 1))" "$one/out" | head -c "$out_now"
        [ "$err_now" = 0 ] || tail -c "+$((err + 1))" "$one/err" | head -c "$err_now"
        [ "$result" = 0 ] || head -c "$result" "$one/result"
        room=$((room - out_now - err_now - result))
    done
}

cancel() {
    while read -r name tenths; do
        one=$root/$name
        if [ -f "$one/status" ] || ! alive "$one"; then continue; fi
        : >"$one/cancelled"
        tenth=0
        while [ ! -s "$one/group" ] && alive "$one" && [ "$tenth" -lt 20 ]; do pause; done
        group=
        since_when=
        { read -r group since_when <"$one/group"; } 2>/dev/null
        end_all "$group" "$since_when" "$name" "$tenths" || printf 'survives\t%s\n' "$name"
        tenth=0
        while [ ! -f "$one/status" ] && alive "$one" && [ "$tenth" -lt 60 ]; do pause; done
    done
}

drop() {
    while read -r name rest; do
        case $name in *[!0-9a-f.]* | '' | .*) continue ;; esac
        if [ -f "$root/$name/status" ] || ! alive "$root/$name"; then
            rm -rf -- "${root:?}/$name"
        else
            printf 'kept\t%s\n' "$name"
        fi
    done
}

case $1 in
start) shift && start "$@" ;;
pull) pull "$2" && echo done ;;
cancel) cancel && echo done ;;
drop) drop && echo done ;;
esac
