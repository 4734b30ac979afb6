umask_before=$(umask)
umask 077

# The result is whole before it has its name.
over() {
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$began" "$(date +%s)" \
        "$(cat "$work/out.over" 2>/dev/null || echo 0)" "$(cat "$work/err.over" 2>/dev/null || echo 0)" \
        "$payload" "$job" >"$work/meta"
    rm -f "$work/o" "$work/e" "$work/in" "$work/program" "$work/group" "$work/pid" "$work/late"
    sync "$work" 2>/dev/null
    mv -fT "$work" "$spool"
    exit 0
}

both() { [ -s "$work/out.over" ] && [ -s "$work/err.over" ]; }

# It is started within the minute that is said, or the $step seconds.
began=$(date +%s)
instant=$((began - began % step))
due=$(date -u -d "@$instant" +%Y-%m-%dT%H:%M:%SZ)
work=$root/work/$name.$instant
spool=$root/spool/$name.$instant
mkdir -p "$root/work" "$root/spool" || exit 1
[ ! -e "$spool" ] || exit 0
mkdir "$work" 2>/dev/null || exit 0
printf '%s %s %s\n' $$ "$(since $$)" "$(boot)" >"$work/pid"
if [ "$overlap" = forbid ]; then
    for other in "$root/work/$name".*; do
        if [ "$other" != "$work" ] && (alive "$other"); then over skipped 0; fi
    done
fi
command -v setsid >/dev/null || over "refused: setsid is not installed there (util-linux or busybox)" 0
if [ -n "$script" ]; then
    ln "$script" "$work/program" 2>/dev/null || cp -p "$script" "$work/program" 2>/dev/null ||
        over "refused: its script $script is gone" 0
fi
{ mkfifo "$work/o" "$work/e" && give >"$work/in" && : >"$work/result"; } || over "refused: cannot write in $work" 0
{ head -c "$limit" >"$work/out"; left=$(wc -c); echo $((left)) >"$work/out.over"; } <"$work/o" &
{ head -c "$limit" >"$work/err"; left=$(wc -c); echo $((left)) >"$work/err.over"; } <"$work/e" &
(
    umask "$umask_before"
    export REM_RESULT="$work/result" REM_DUE="$due"
    program
) <"$work/in" >"$work/o" 2>"$work/e" &
group=$!
echo "$group $(since "$group")" >"$work/group"
setsid sh -c '
    sleep "$1"
    : >"$4/late"
    kill -TERM "-$2"
    i=0
    while kill -0 "-$2" && [ $i -lt "$3" ]; do sleep 0.1; i=$((i + 1)); done
    kill -KILL "-$2"
' rem "$timeout" "$group" "$grace" "$work" </dev/null >/dev/null 2>&1 &
watch=$!
trap 'kill -TERM "-$group" 2>/dev/null' TERM INT HUP
wait "$group" 2>/dev/null
status=$?
while kill -0 "$group" 2>/dev/null; do
    wait "$group" 2>/dev/null
    status=$?
done
if [ -e "$work/late" ]; then
    wait "$watch" 2>/dev/null
else
    kill -KILL "-$watch" 2>/dev/null || kill -KILL "$watch" 2>/dev/null
fi
# What it left running in its group ends with it.
i=0
until both || [ $i -ge 20 ]; do sleep 0.1; i=$((i + 1)); done
kill -KILL "-$group" 2>/dev/null
i=0
until both || [ $i -ge 20 ]; do sleep 0.1; i=$((i + 1)); done
if [ -e "$work/late" ]; then over late "$status"; fi
over ended "$status"
