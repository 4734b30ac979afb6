# Timers of systemd among what changes: each is stopped before its files are switched and started with the new ones, so that
# no timer keeps an old time. Whatever ends in between leaves it stopped or disabled, which the next look tells as idle.

# The timer of the present change, in $timer; fails when it is of none.
timer() {
    case $kind:$name in
    schedule:*.timer | schedule:*.service) timer=${name%.*}.timer ;;
    *) return 1 ;;
    esac
}

# Those that stand there already, in $resting; those that are wanted, in $waking; each once.
which_timers() {
    resting=' '
    waking=' '
    changes
    while change; do
        skip_checks
        timer || continue
        case $before:$resting in
        file*" $timer "*) ;;
        file*) resting="$resting$timer " ;;
        esac
        case $op:$waking in
        put*" $timer "*) ;;
        put*) waking="$waking$timer " ;;
        esac
    done
}

systemd() {
    error=$(systemctl "$@" 2>&1 </dev/null 4<&- 9>&-) || fail failed "systemctl $*: $(words "$error")"
}

# Before anything is switched: whether there is a systemd that could.
can_wake() {
    timer || return 0
    [ -z "${asked:-}" ] || return 0
    command -v systemctl >/dev/null || fail failed "there is no systemctl, and $name is for systemd"
    systemd show --property=Version
    asked=y
}

still() {
    which_timers
    for timer in $resting; do
        case $waking in
        *" $timer "*) systemd stop "$timer" ;;
        *) systemd disable --now "$timer" ;;
        esac
    done
}

# When it was last due counts for what was wanted then, and not for what is wanted now.
wake() {
    [ "$resting$waking" != '  ' ] || return 0
    systemd daemon-reload
    for timer in $waking; do
        rm -f -- "/var/lib/systemd/timers/stamp-$timer"
        systemd enable "$timer"
        systemd start "$timer"
    done
}

# Before files are put back, and after.
silence() {
    for timer in $waking; do
        systemctl disable --now "$timer" </dev/null >/dev/null 2>&1
    done
}

wake_old() {
    [ "$resting$waking" != '  ' ] || return 0
    systemctl daemon-reload </dev/null >/dev/null 2>&1
    for timer in $resting; do
        systemctl enable --now "$timer" </dev/null >/dev/null 2>&1
    done
}

# Owned timers that do not run, whatever their files say.
idle_timers() {
    cut -f1,6- "$home/owned" "$home/journal" 2>/dev/null | while IFS=$tab read -r kind path; do
        name=${path##*/}
        case $kind:$name in
        schedule:*.timer)
            if ! systemctl is-enabled --quiet "$name" </dev/null 2>/dev/null; then
                printf 'idle\tdisabled\t%s\n' "$path"
            elif ! systemctl is-active --quiet "$name" </dev/null 2>/dev/null; then
                printf 'idle\tstopped\t%s\n' "$path"
            fi
            ;;
        esac
    done
}
