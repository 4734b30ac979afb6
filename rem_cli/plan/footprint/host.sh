# What REM runs on a host to see and to change the files that it owns there. POSIX sh; from others it needs cat, cut,
# head, tail, wc, sed, stat -c, sha256sum, mkdir, mv -T, ln, cp, rm, chown, chgrp, chmod (coreutils or busybox), and uses
# flock and sync where they are. Nothing of a package is ever program text: all of it is read as data from standard
# input, a field a line. Answers are lines whose fields are parted by tabs; the last one is `done` or begins with `no`.
#
#     look FOLDER          paths, one a line: how each of them and each owned path stands; writes nothing
#     read FOLDER          one path: the bytes of that file; writes nothing
#     stage FOLDER TOKEN   what `talk.py` composed: lays files aside and checks them; what is in place stays as it is
#     leave FOLDER TOKEN   takes away what was staged
#     switch FOLDER TOKEN  puts what was staged in place, all of it or none
#     switch FOLDER TOKEN N SCHEDULER READS PROGRAM
#                          the same, and all of it is put back after N seconds unless it is confirmed before; also when
#                          the host is restarted before, where READS is the folder of its scheduler, cron or systemd
#     confirm FOLDER TOKEN confirms it
#     undo HOME TOKEN      puts it back now; HOME is the whole path of FOLDER
#
# FOLDER, below the user's own state folder and closed to others, keeps
#
#     owned      what REM owns here: kind, sha256, mode, generation, keep, path
#     journal    while something changes: what is about to be owned, and the folders in which it lies staged
#     armed      while something waits to be confirmed: its token, and what its scheduler reads to undo it after a restart
#
# A file is staged in a folder of its own beside its place (.rem-TOKEN/new/NAME) and put there by one rename; what was
# there waits in .rem-TOKEN/old/NAME until all is well. Killed anywhere, what was switched is known from the journal to be
# REM's, and the next `stage` takes away the rest. What concerns timers of systemd stands in timers.sh.
export LC_ALL=C
umask 077
tab=$(printf '\t')
base=${XDG_STATE_HOME:-$HOME/.local/state}/rem/footprint
verb=$1
home=$base/$2
[ "$verb" != undo ] || home=$2
token=${3:-}
seconds=${4:-}
scheduler=${5:-}
reads=${6:-}
program=${7:-}
input=$home/in.$token
count=0
switched=

no() {
    printf 'no\t%s\t%s\t%s\n' "$1" "$count" "$2"
    exit 0
}

# What an error message of a program says, without the program and the path.
words() {
    line=${1%%
*}
    printf '%s' "${line##*: }"
}

digest() {
    set -- "$(sha256sum <"$1")"
    printf '%s' "${1%% *}"
}

# How a path stands, in $is; nothing is followed.
see() {
    dir=${1%/*}
    dir=${dir:-/}
    name=${1##*/}
    if [ ! -d "$dir" ]; then
        is=nowhere
        return
    fi
    real=$(cd -P -- "$dir" 2>/dev/null && pwd -P) || real=
    if [ -z "$real" ]; then
        is=closed
    elif [ "$real" != "$dir" ]; then
        is="away $real"
    elif [ -h "$1" ]; then
        is=link
    elif [ -d "$1" ]; then
        is=folder
    elif [ -f "$1" ]; then
        if [ -r "$1" ]; then is="file $(digest "$1") $(stat -c '%a %U %G' -- "$1")"; else is=closed; fi
    elif [ -e "$1" ]; then
        is=other
    else
        is=none
    fi
}

# The digest of what REM knows here, so that a second writer is noticed.
state() {
    cat "$home/owned" "$home/journal" 2>/dev/null | { read_all=$(sha256sum); printf '%s' "${read_all%% *}"; }
}

private() {
    if [ -h "$1" ] || [ ! -d "$1" ] || [ ! -O "$1" ]; then
        no failed "$1 is not a folder of $(id -un)"
    fi
    [ "$(stat -c %a -- "$1")" = 700 ] || no failed "$1 is open to others (chmod 700 $1)"
}

look() {
    command -v sha256sum >/dev/null || no failed "sha256sum is not installed there (coreutils or busybox)"
    stat -c %a / >/dev/null 2>&1 || no failed "stat -c does not work there (coreutils or busybox)"
    printf 'rem\t%s\t%s\n' "$(id -un)" "$(id -gn)"
    if [ -e "$home" ] || [ -h "$home" ]; then private "$home"; fi
    printf 'state\t%s\n' "$(state)"
    for file in owned journal; do
        if [ -f "$home/$file" ]; then sed "s/^/$file$tab/" "$home/$file"; fi
    done
    for file in "$base"/*/owned; do
        other=${file%/owned}
        if [ -f "$file" ] && [ "$other" != "$home" ]; then
            cut -f6- "$file" | sed "s|^|other$tab${other##*/}$tab|"
        fi
    done
    { cat; cut -f6- "$home/owned" "$home/journal" 2>/dev/null; } | while IFS= read -r path; do
        if [ -n "$path" ]; then
            see "$path"
            printf 'see\t%s\t%s\n' "$is" "$path"
        fi
    done
    idle_timers
    echo done
}

read_one() {
    IFS= read -r path
    see "$path"
    case $is in file*) ;; *) no failed "$path is no file there" ;; esac
    echo file
    cat -- "$path"
}

lock() {
    command -v flock >/dev/null || return 0
    exec 9>"$home/lock"
    tries=0
    until flock -n 9; do
        tries=$((tries + 1))
        [ $tries -lt 30 ] || no failed "somebody else changes files there right now"
        sleep 1
    done
}

# Bytes of the input: from, how many, into which file.
part() {
    tail -c +$(($1 + 1)) <"$input" | head -c "$2" >"$3"
    [ "$(($(wc -c <"$3")))" = "$2" ]
}

# The next change, in variables; its `check:` words wait on descriptor 4.
change() {
    IFS= read -r op <&4 && [ "$op" != end ] || return 1
    for field in path before sha size from mode owner group parents kind checks; do
        IFS= read -r value <&4 || return 1
        eval "$field=\$value"
    done
    dir=${path%/*}
    dir=${dir:-/}
    name=${path##*/}
    aside=$dir/.rem-$token
    [ "$dir" != / ] || aside=/.rem-$token
    count=$((count + 1))
}

skip_checks() {
    while [ "$checks" -gt 0 ]; do
        IFS= read -r value <&4
        checks=$((checks - 1))
    done
}

changes() {
    exec 4<"$home/head"
    IFS= read -r value <&4
    count=0
}

# Undo what was switched. What was there comes back by one rename each, as it was.
back() {
    [ -n "$switched" ] || return 0
    failed_at=$count
    silence
    changes
    while change; do
        skip_checks
        if [ -e "$aside/old/$name" ]; then
            mv -fT -- "$aside/old/$name" "$path"
        elif [ "$op" = put ] && [ "$before" = none ] && [ -f "$path" ] && [ "$(digest "$path")" = "$sha" ]; then
            rm -f -- "$path"
        fi
    done
    wake_old
    count=$failed_at
}

# Take away what lies aside, by the journal, and then the journal.
clean() {
    [ -f "$home/journal" ] || return 0
    while IFS=$tab read -r word rest; do
        case $word:$rest in stage:*/.rem-*) rm -rf -- "$rest" ;; esac
    done <"$home/journal"
    rm -f -- "$home/journal"
}

# The journal is ours and nothing is recorded: leave everything as it was found.
fail() {
    trap '' TERM INT HUP
    back 2>/dev/null
    clean
    disarm
    rm -f -- "$input" "$home/head"
    no "$1" "$2"
}

# What is run there must lie where nobody else can put something in its place. Where a folder is sticky, as /tmp is, others
# can make files beside it but not take it away.
guarded() {
    above=$1
    while :; do
        if [ -h "$above" ]; then fail failed "$above is a symbolic link"; fi
        if [ -d "$above" ]; then
            case $(stat -c '%A %u' -- "$above") in
            ?????w???[-x]* | ????????w[-x]*) fail failed "others may write to $above, above $path" ;;
            *" 0" | *" $(id -u)") ;;
            *) fail failed "$above, above $path, belongs to somebody else" ;;
            esac
        fi
        [ "$above" != / ] || return 0
        above=${above%/*}
        above=${above:-/}
    done
}

stage() {
    case $parents in *guarded) guarded "$dir" ;; esac
    case $parents in "make guarded") mask=077 ;; *) mask=022 ;; esac
    if [ ! -d "$dir" ] && [ "${parents%% *}" = make ]; then
        error=$(umask $mask && mkdir -p -- "$dir" 2>&1) || fail failed "cannot make the folder $dir: $(words "$error")"
    fi
    see "$path"
    [ "$is" = "$before" ] || { [ "$before" = nowhere ] && [ "$is" = none ]; } ||
        fail stale "$path changed since it was looked at"
    [ "$op" != take ] || return 0
    can_wake
    cd -P -- "$dir" 2>/dev/null && [ "$(pwd -P)" = "$dir" ] || fail failed "cannot enter the folder $dir"
    if [ ! -d "$aside" ]; then
        error=$(mkdir -- "$aside" "$aside/new" "$aside/old" 2>&1) || fail failed "cannot write in $dir: $(words "$error")"
    fi
    [ "$op" = put ] || return 0
    fresh=$aside/new/$name
    error=$(part $((first + from)) "$size" "$fresh" 2>&1) && [ "$(digest "$fresh")" = "$sha" ] ||
        fail failed "$path did not arrive whole in $dir (is the disk full?)"
    if [ -n "$owner" ]; then
        error=$(chown -h -- "$owner" "$fresh" 2>&1) || fail failed "cannot give $path to $owner: $(words "$error")"
    fi
    if [ -n "$group" ]; then
        error=$(chgrp -h -- "$group" "$fresh" 2>&1) || fail failed "cannot give $path to the group $group: $(words "$error")"
    fi
    error=$(chmod "$mode" "$fresh" 2>&1) || fail failed "cannot set the mode of $path: $(words "$error")"
    sync "$fresh" 2>/dev/null || :
}

# Run `check:` on the staged file, whose path is its last argument.
check() {
    set --
    while [ "$checks" -gt 0 ]; do
        IFS= read -r value <&4
        value=$(printf '%b.' "$value")
        set -- "$@" "${value%.}"
        checks=$((checks - 1))
    done
    if [ $# -eq 0 ] || [ "$op" != put ]; then return 0; fi
    said=$("$@" "$fresh" 2>&1 </dev/null 4<&- 9>&-)
    status=$?
    [ $status -eq 0 ] || fail check "$1 says no to $path (exit $status): $(printf '%s' "$said" | head -c 2000 | tail -n 3 | tr '\n\t' '  ')"
}

# A file that is taken over is nobody else's any more.
take() {
    for file in "$base"/*/owned; do
        if [ -f "$file" ] && [ "$file" != "$home/owned" ]; then
            while IFS= read -r row; do
                [ "${row##*"$tab"}" = "$path" ] || printf '%s\n' "$row"
            done <"$file" >"$file.new"
            mv -fT -- "$file.new" "$file"
        fi
    done
}

switch() {
    see "$path"
    if [ "$is" != "$before" ] && { [ "$before" != nowhere ] || [ "$is" != none ]; }; then
        fail stale "$path changed since it was looked at"
    fi
    if [ "$op" = take ]; then
        take
        return
    fi
    if [ "$op" = drop ]; then
        error=$(mv -fT -- "$path" "$aside/old/$name" 2>&1) || fail failed "cannot remove $path: $(words "$error")"
        return
    fi
    if [ "$is" != none ]; then
        ln -- "$path" "$aside/old/$name" 2>/dev/null || cp -p -- "$path" "$aside/old/$name" 2>/dev/null ||
            fail failed "cannot keep what is at $path"
    fi
    error=$(mv -fT -- "$aside/new/$name" "$path" 2>&1) || fail failed "cannot write $path: $(words "$error")"
}

armed() { { IFS= read -r what; } <"$home/armed" 2>/dev/null && [ "$what" = "$token" ]; }

disarm() {
    if { IFS= read -r what && IFS= read -r hook; } <"$home/armed" 2>/dev/null && [ -n "$hook" ]; then
        case $hook in *.service) systemctl disable "${hook##*/}" </dev/null >/dev/null 2>&1 ;; esac
        rm -f -- "$hook"
    fi
    rm -f -- "$home/armed" "$home/undo"
}

stage_all() {
    for folder in "$base" "$home"; do
        error=$(mkdir -p -- "$folder" 2>&1) || no failed "cannot make the folder $folder: $(words "$error")"
        private "$folder"
    done
    lock
    full="cannot write in $home (is the disk full?)"
    for file in "$home"/in.*; do
        [ "$file" = "$input" ] || rm -f -- "$file"
    done
    cat >"$input" || no failed "$full"
    IFS=' ' read -r first base_size final_size journal_size expected <"$input"
    [ "$(state)" = "$expected" ] || no stale "somebody else changed files of REM there since it was looked at"
    { part "$first" "$base_size" "$home/owned.new" && mv -fT -- "$home/owned.new" "$home/owned"; } || no failed "$full"
    disarm
    clean
    part 0 "$first" "$home/head" || no failed "$full"
    part $((first + base_size + final_size)) "$journal_size" "$home/journal.new" || no failed "$full"
    mv -fT -- "$home/journal.new" "$home/journal" || no failed "$full"
    trap 'fail failed "it was stopped"' TERM INT HUP
    changes
    while change; do stage && check; done
    echo done
}

# What a `stage` of this token has left; another one takes it away.
staged() {
    lock
    [ -f "$input" ] || return 1
    full="cannot write in $home (is the disk full?)"
    IFS=' ' read -r first base_size final_size rest <"$input"
}

leave() {
    if staged; then
        clean
        rm -f -- "$input" "$home/head"
    fi
    echo done
}

switch_all() {
    staged || no stale "somebody else changed files of REM there since it was staged"
    trap 'fail failed "it was stopped"' TERM INT HUP
    [ -z "$seconds" ] || arm
    switched=y
    still
    changes
    while change; do skip_checks && switch; done
    wake
    trap '' TERM INT HUP
    [ -n "$seconds" ] || finish
    sync 2>/dev/null || :
    (exec 4<&- 9>&- && sleep "$seconds" && undo) </dev/null >/dev/null 2>&1 &
    echo done
}

# Record what is there now, and forget what was before.
finish() {
    disarm
    { part $((first + base_size)) "$final_size" "$home/owned.new" && mv -fT -- "$home/owned.new" "$home/owned"; } ||
        fail failed "$full"
    clean
    rm -f -- "$input" "$home/head"
    echo done
    exit 0
}

# Nobody may be able to log in any more to say that all is well: then it is put back, by a process that waits or, when
# there was a restart before, by its scheduler.
arm() {
    hook=
    plain=${home##*[!A-Za-z0-9/._-]*}
    if [ -d "$reads" ] && [ -w "$reads" ] && [ -n "$plain" ]; then
        case $scheduler in cron) hook=$reads/rem-undo-$token ;; *) hook=$reads/rem-undo-$token.service ;; esac
    fi
    printf '%s\n%s\n' "$token" "$hook" >"$home/armed" || fail failed "$full"
    if [ -n "$hook" ]; then
        printf '%s\n' "$program" >"$home/undo" && at_boot >"$home/hook.new" && chmod 644 "$home/hook.new" &&
            cp -p -- "$home/hook.new" "$hook" && rm -f -- "$home/hook.new" || fail failed "$full"
        [ "$scheduler" = cron ] || systemd enable "${hook##*/}"
    fi
    sync 2>/dev/null || :
}

at_boot() {
    command="sh $home/undo undo $home $token"
    if [ "$scheduler" = cron ]; then
        when="@reboot $(id -un) $command"
    else
        when="[Service]
Type=oneshot
ExecStart=/bin/$command
[Install]
WantedBy=multi-user.target"
    fi
    printf '# Written by REM: puts back what was not confirmed before a restart.\n%s\n' "$when"
}

undo() {
    lock
    armed || return 0
    switched=y
    which_timers
    back
    clean
    disarm
    rm -f -- "$input" "$home/head"
}

confirm() {
    staged && armed || no failed "it was put back already"
    switched=y
    which_timers
    trap '' TERM INT HUP
    finish
}

case $verb in
look | leave | confirm | undo) $verb ;;
stage) stage_all ;;
switch) switch_all ;;
read) read_one ;;
esac
