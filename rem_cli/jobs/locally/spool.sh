# What REM runs on a host to fetch what its runners left there, and to take away what was fetched.
#
#     pull ROOT BUDGET         each result: a line that describes it, then its bytes; the last line is `done` or `more`
#     drop ROOT                names, one a line: these are recorded elsewhere
export LC_ALL=C
umask 077
root=$2

size() { if [ -f "$1" ] && [ ! -h "$1" ]; then echo $(($(wc -c <"$1"))); else echo 0; fi; }
capped() { if [ "$1" -gt 1048576 ]; then echo 1048576; else echo "$1"; fi; }

# A run whose runner is gone, as after a power cut, ends as lost; one that has just begun may not have said who it is.
bury() {
    now=$(date +%s)
    for work in "$root"/work/*.*; do
        name=${work##*/}
        at=${name##*.}
        case $at in *[!0-9]* | '') continue ;; esac
        if [ ! -d "$work" ] || [ $((now - at)) -lt 120 ] || alive "$work" || [ ! -d "$work" ]; then continue; fi
        if [ ! -s "$work/meta" ]; then printf 'lost\t0\t%s\t%s\t0\t0\t\t\n' "$at" "$at" >"$work/meta"; fi
        rm -f "$work/o" "$work/e" "$work/in" "$work/program" "$work/group" "$work/pid" "$work/late"
        mv -fT "$work" "$root/spool/$name"
    done
    for one in "$root"/spool/*.*; do # what was being taken away when the host went down
        if [ -d "$one" ] && [ ! -e "$one/meta" ]; then rm -rf -- "$one"; fi
    done
}

pull() {
    if [ ! -d "$root/spool" ]; then
        echo done
        exit 0
    fi
    bury
    sent=0
    for one in "$root"/spool/*.*; do
        if [ ! -f "$one/meta" ] || [ -h "$one" ]; then continue; fi
        if [ "$sent" -ge "$1" ]; then
            echo more
            exit 0
        fi
        out=$(capped "$(size "$one/out")")
        err=$(capped "$(size "$one/err")")
        all=$(size "$one/result")
        result=$(capped "$all")
        printf 'run\t%s\t%s\t%s\t%s\t%s\t' "${one##*/}" "$out" "$err" "$result" "$all"
        head -n 1 "$one/meta"
        [ "$out" = 0 ] || head -c "$out" "$one/out"
        [ "$err" = 0 ] || head -c "$err" "$one/err"
        [ "$result" = 0 ] || head -c "$result" "$one/result"
        sent=$((sent + out + err + result + 1))
    done
    echo done
}

drop() {
    while IFS= read -r name; do
        case $name in */* | '' | .*) continue ;; esac
        rm -f -- "$root/spool/$name/meta" && rm -rf -- "$root/spool/$name"
    done
    echo done
}

case $1 in
pull) pull "$3" ;;
drop) drop ;;
esac
