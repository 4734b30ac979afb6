boot() { cat /proc/sys/kernel/random/boot_id 2>/dev/null; }

# When a process began, so that another one of the same number is not taken for it; nothing of one that is over.
since() {
    { IFS= read -r row <"/proc/$1/stat"; } 2>/dev/null || return 0
    set -- ${row##*) }
    [ "$1" != Z ] || return 0
    printf '%s' "${20}"
}

goes_on() { [ -n "$2" ] && [ "$(since "$1")" = "$2" ]; }

# Whether the run of a folder goes on: its runner, or the program.
alive() {
    { read -r runner began at_boot <"$1/pid"; } 2>/dev/null || return 1
    [ "$at_boot" = "$(boot)" ] || return 1
    if goes_on "$runner" "$began"; then return 0; fi
    { read -r group began <"$1/group"; } 2>/dev/null && goes_on "$group" "$began"
}
