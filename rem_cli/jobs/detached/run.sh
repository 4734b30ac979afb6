# Runs one long job on a host, in a session of its own, and leaves in its folder what there is to fetch:
#
#     head                 what REM says of this run, as shell text; program, in: what it runs, and its standard input
#     out, err             what it printed; out.over, err.over: how many bytes of it were over the limit
#     pid, group, began    this process and the program, each with when it began, so that it is known again
#     result               what the program wrote to REM_RESULT
#     status               how it ended; there once all of that is whole
#
# `run watch GROUP BEGAN` is its watchman: it ends the program when its time is over.
work=${0%/*}
. "$work/head"
if [ "$1" = watch ]; then
    while [ "$timeout" -gt 0 ]; do
        goes_on "$2" "$3" || exit 0 # also where the runner was killed, and nobody ends this one
        nap=$((timeout < 60 ? timeout : 60))
        sleep "$nap"
        timeout=$((timeout - nap))
    done
    goes_on "$2" "$3" || exit 0
    : >"$work/late"
    end_all "$2" "$3" "$mark" "$grace"
    exit 0
fi
exec 3>&1 </dev/null >/dev/null 2>&1
umask 077

# Standard input into a file, as it comes and up to the limit; what is over is counted.
take() {
    size=0
    while [ "$size" -lt "$limit" ]; do
        piece=$((limit - size))
        [ "$piece" -le 65536 ] || piece=65536
        dd bs="$piece" count=$(((limit - size) / piece)) >>"$work/$1" 2>/dev/null
        now=$(($(wc -c <"$work/$1")))
        [ "$now" -gt "$size" ] || break
        size=$now
    done
    over=$(wc -c)
    echo $((over)) >"$work/$1.over"
}
both() { [ -s "$work/out.over" ] && [ -s "$work/err.over" ]; }
patience() {
    tenth=0
    until both || [ "$tenth" -ge 20 ]; do pause; done
}

trap : HUP INT TERM
began=$(date +%s)
echo "$began" >"$work/began"
: >"$work/out"
: >"$work/err"
printf '%s %s %s\n' $$ "$(since $$)" "$(boot)" >"$work/pid.new"
mkfifo "$work/o" "$work/e" && mv -f "$work/pid.new" "$work/pid" || exit 1
(exec 3>&- && take out) <"$work/o" & # shells keep a copy of what is closed for a function alone
out=$!
(exec 3>&- && take err) <"$work/e" &
err=$!
(
    exec 3>&-
    umask "$mask"
    program
) <"$work/in" >"$work/o" 2>"$work/e" &
group=$!
since_when=$(since "$group")
echo "$group $since_when" >"$work/group"
setsid sh "$0" watch "$group" "$since_when" 3>&- &
watch=$!
echo started >&3
exec 3>&-

while :; do
    wait "$group"
    status=$?
    kill -0 "$group" 2>/dev/null || break
done
if [ -e "$work/late" ]; then wait "$watch"; else kill -KILL "-$watch" || kill -KILL "$watch"; fi
# What it left running in its group ends with it.
patience
kill -KILL "-$group"
patience
kill "$out" "$err"
how=ended
if [ -e "$work/late" ]; then how=late; fi
if [ -e "$work/cancelled" ]; then how=cancelled; fi
over_out=$(cat "$work/out.over") || over_out=0
over_err=$(cat "$work/err.over") || over_err=0
printf '%s\t%s\t%s\t%s\t%s\t%s\t\n' "$how" "$status" "$began" "$(date +%s)" "${over_out:-0}" "${over_err:-0}" >"$work/status.new"
rm -f "$work/o" "$work/e" "$work/in" "$work/program" "$work/head"
mv -f "$work/status.new" "$work/status"
