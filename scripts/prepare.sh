# shellcheck shell=sh
# Sourced by scripts/demo and scripts/test: finds a Python, makes .venv and brings in what the machine lacks.
# Says nothing unless something takes long or is missing. POSIX sh; needs nothing but a Debian or Ubuntu.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
venv=$root/.venv

say() { printf 'rem: %s\n' "$*" >&2; }

stop() {
    say "$1"
    [ $# -lt 2 ] || say "hint: $2"
    exit 1
}

# have PROGRAM: sshd lives where a plain user's PATH does not look.
have() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# as_root WORDS…: run them as root without asking for a password; 1 when that cannot be.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# bring PACKAGE…: install Debian packages; 1 when it cannot be done without a person.
bring() {
    have apt-get && as_root true || return 1
    say "installing $* (apt-get) …"
    log=$({
        as_root apt-get update -qq &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
    } </dev/null 2>&1) || {
        printf '%s\n' "$log" >&2
        return 1
    }
}

# by_hand PACKAGE…: the one line to type.
by_hand() {
    if have apt-get; then
        printf 'sudo apt-get update && sudo apt-get install -y %s' "$*"
    else
        printf 'install what Debian calls %s' "$*"
    fi
}

# lacking PROGRAM=PACKAGE…: the packages whose program is not there.
lacking() {
    for pair in "$@"; do
        have "${pair%%=*}" || printf '%s ' "${pair#*=}"
    done
}

# need PROGRAM=PACKAGE…: install what is lacking, or stop with the line to type.
need() {
    missing=$(lacking "$@")
    # shellcheck disable=SC2086 # the words are package names
    [ -z "$missing" ] || bring $missing || stop "this machine lacks ${missing% }" "$(by_hand ${missing% })"
}

# like PROGRAM=PACKAGE…: install what is lacking, or say so and go on.
like() {
    missing=$(lacking "$@")
    # shellcheck disable=SC2086
    [ -z "$missing" ] || bring $missing || say "without ${missing% }: $(by_hand ${missing% })"
}

# Sets $python to the first Python that is new enough and really runs (a version manager's stand-in may not).
find_python() {
    for python in python3.13 python3.12 python3.11 python3; do
        "$python" -c 'import sys, ssl, sqlite3; sys.exit(not (3, 11) <= sys.version_info)' >/dev/null 2>&1 && return
    done
    found=$(python3 --version 2>/dev/null || echo "no python3")
    stop "REM needs Python 3.11 or newer; this machine has $found" "$(by_hand python3)"
}

# prepare EXTRA: .venv with REM from this checkout and the extra's packages ("" for none).
# Used again as long as the Python, the place and pyproject.toml are the same.
prepare() {
    find_python
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    stamp=$("$python" -VV; printf '%s\n' "$root"; cksum <"$root/pyproject.toml")
    [ "$stamp" = "$(cat "$venv/stamp${1:+-$1}" 2>/dev/null)" ] && return
    # Debian keeps what `venv` needs in a package of its own.
    "$python" -c 'import ensurepip' 2>/dev/null ||
        bring "python$version-venv" || stop "this Python cannot make virtual environments" "$(by_hand "python$version-venv")"
    say "making $venv with $("$python" --version) (once; about a minute) …"
    if [ "$stamp" != "$(cat "$venv/stamp" 2>/dev/null)" ]; then
        "$python" -m venv --clear "$venv" || stop "could not make $venv" "remove it and try again"
    fi
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --editable "$root${1:+[$1]}" ||
        stop "could not install REM into $venv" "is the network up? what pip said stands above"
    printf '%s\n' "$stamp" >"$venv/stamp"
    [ -z "$1" ] || printf '%s\n' "$stamp" >"$venv/stamp-$1"
}
