"""The POSIX shell wrapper that a program runs under, and what it says about the program.

A channel or a pipe says little: closing it leaves the program running, signals do not reach the processes of root,
and an exit status tells nothing of a result. So every program runs under the same short `sh` text:

* The command line is constant. All that varies goes in by standard input, so `ps` shows no parameter before the
  program's own, no login shell can misread anything, and there is no limit on length but the kernel's.
* The first input line is shell text that sets a nonce, the environment and the argument list; every value in it
  is single-quoted. Secrets go the same way: they are in the environment of the program alone, or in files of mode
  0600 that are gone when it has ended. Then come the script's bytes, then the program's standard input.
* The wrapper answers on the same streams with frames. A frame begins with STX (0x02) and the nonce, which the
  program never learns, so nothing that a program prints can pass for one:

      STX nonce " start " pgid LF                      the program begins; its process group
      STX nonce " refuse " why LF                      it was not begun
      STX nonce " end " status " " size " " total LF   it ended; `size` bytes of its result follow, then
      STX nonce " done" LF                             which stands there only if the result came through whole

  On standard error there is one frame, `STX nonce " end 0 0 0" LF`: nothing of the program comes after it.

The wrapper needs read, printf, trap and test from the shell, and for scripts and results also cat, head, tail, ls,
mkdir, mv, rm, chmod and wc. It uses no single quote, no exclamation mark and no line break, which csh would take
for its own.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from rem_cli.reach import Task

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

_PRIVATE_DIRECTORY = """
rem_store() {
    umask 077;
    rem_up=${XDG_CACHE_HOME:-$HOME/.cache};
    rem_dir=$rem_up/rem;
    [ -d "$rem_dir/scripts" ] || mkdir -p "$rem_dir/scripts" || rem_no "cannot make the directory $rem_dir/scripts";
    for rem_x in "$rem_dir" "$rem_dir/scripts"; do
        if [ -h "$rem_x" ]; then rem_no "$rem_x is a symbolic link"; fi;
        [ -O "$rem_x" ] || rem_no "$rem_x belongs to somebody else";
    done;
    rem_x=$(ls -ld "$rem_up" "$rem_dir" "$rem_dir/scripts");
    case $rem_x in ????????w[-x]*) rem_no "everybody may write to $rem_up" ;; esac;
    case $rem_x in *" $rem_up"?"drwx------"*" $rem_dir"?"drwx------"*) ;;
        *) rem_no "$rem_dir and $rem_dir/scripts are open to others (chmod 700 them)" ;; esac;
    rem_temp=$rem_dir/$rem_mark;
};
"""

_SCRIPT = """
rem_good() {
    if command -v sha256sum >/dev/null; then [ "$(sha256sum <"$1")" = "$rem_script  -" ];
    else [ "$(($(wc -c <"$1")))" = "$rem_size" ]; fi;
};
rem_take() {
    rem_file=$rem_dir/scripts/$rem_script;
    if [ -h "$rem_file" ]; then rm -f "$rem_file"; fi;
    if [ -f "$rem_file" ] && rem_good "$rem_file"; then rem_have=y; else rem_have=; fi;
    if [ -n "$rem_input" ]; then
        cat >"$rem_temp.all" && tail -c +$((rem_size + 1)) <"$rem_temp.all" >"$rem_temp.in"
            || rem_no "cannot store the input in $rem_dir (is the disk full?)";
        [ -n "$rem_have" ] || head -c "$rem_size" <"$rem_temp.all" >"$rem_temp";
        exec <"$rem_temp.in";
        rm -f "$rem_temp.all" "$rem_temp.in";
    else
        [ -n "$rem_have" ] || cat >"$rem_temp";
        exec </dev/null;
    fi;
    [ -n "$rem_have" ] || { rem_good "$rem_temp" && chmod 700 "$rem_temp" && mv -f "$rem_temp" "$rem_file"; }
        || { rm -f "$rem_temp"; rem_no "the script did not arrive whole in $rem_dir/scripts (is the disk full?)"; };
};
"""

_RESULT = """
rem_send() {
    rem_n=0; rem_total=0;
    if [ -f "$rem_temp.result" ]; then
        rem_total=$(($(wc -c <"$rem_temp.result"))); rem_n=$rem_total;
        if [ "$rem_n" -gt "$rem_limit" ]; then rem_n=$rem_limit; fi;
    fi;
    printf "\\002%s end %s %s %s\\n" "$rem_key" "$rem_status" "$rem_n" "$rem_total";
    if [ "$rem_n" -gt 0 ]; then head -c "$rem_n" <"$rem_temp.result"; printf "\\002%s done\\n" "$rem_key"; fi;
    rm -f "$rem_temp.result";
};
"""

# Secrets that are wanted as files. A printf that is a program of its own would have them on its command line. Files
# that a crash left are taken away by the next that come; several machines may have one home.
_SECRETS = """
rem_hide() {
    case $(command -v printf) in
        /*) rem_no "no secret can be put into a file here: printf is a program, whose arguments everybody sees" ;; esac;
    rem_node=$(uname -n);
    for rem_x in "$rem_dir"/*."$rem_node".*.secret*; do
        rem_y=${rem_x%.secret*};
        kill -0 "${rem_y##*.}" 2>/dev/null || rm -f "$rem_x";
    done;
    rem_keep || { rm -f "$rem_temp.$rem_node."*; rem_no "cannot write to $rem_dir (is the disk full?)"; };
};
"""

# The group is read from proc(5) and is else this shell's own number: sshd makes it the leader of a session.
# A trap that does something, unlike one that ignores, does not pass to the program: the wrapper outlives a TERM to
# the whole group and can still tell how the program ended. Its own standard error is closed off while the program
# runs, because shells announce there that a signal ended their child.
_MAIN = """
unset rem_key rem_mark rem_script rem_size rem_input rem_limit rem_files rem_nl rem_temp;
IFS= read -r rem_head || exit 125;
eval "$rem_head";
unset rem_head;
rem_no() { printf "\\002%s refuse %s\\n" "$rem_key" "$1"; exit 126; };
rem_group=$$;
{ read -r rem_x rem_x rem_x rem_x rem_group rem_x </proc/$$/stat; } 2>/dev/null || rem_group=$$;
exec 3>&2 2>/dev/null;
if [ -n "$rem_script$rem_limit$rem_files" ]; then rem_umask=$(umask); rem_store; fi;
if [ -n "$rem_script" ]; then rem_take; set -- "$rem_file" "$@"; fi;
if [ -n "$rem_limit" ]; then : >"$rem_temp.result" || rem_no "cannot write to $rem_dir (is the disk full?)"; fi;
if [ -n "$rem_files" ]; then rem_hide; fi;
if [ -n "$rem_temp" ]; then umask "$rem_umask"; fi;
trap : HUP INT TERM;
printf "\\002%s start %s\\n" "$rem_key" "$rem_group";
(
    if [ -n "$rem_limit" ]; then export REM_RESULT="$rem_temp.result"; fi;
    rem_env;
    exec "$@"
) 2>&3 3>&-;
rem_status=$?;
if [ -n "$rem_files" ]; then rm -f "$rem_temp.$rem_node."*; fi;
printf "\\002%s end 0 0 0\\n" "$rem_key" >&3;
if [ -n "$rem_limit" ]; then rem_send; else printf "\\002%s end %s 0 0\\n" "$rem_key" "$rem_status"; fi;
exit "$rem_status"
"""

# Ends a process group: TERM, up to $n tenths of a second, KILL, the same again. Zombies are nobody's survivors.
# (`kill -s TERM -- -1` is what POSIX wants, but only this older form means the same to dash, bash and busybox.)
# Last it looks for processes that left the group but still carry the task's mark in their environment.
_KILL = """
alive() {
    kill -0 -$g 2>/dev/null || return 1;
    for f in /proc/[0-9]*/stat; do
        { read -r l <"$f"; } 2>/dev/null || continue;
        l=${l##*) };
        set -- $l;
        case "$3 $1" in "$g Z"|"$g X") ;; "$g "*) return 0 ;; esac;
    done;
    [ -r /proc/self/stat ] && return 1;
    return 0;
};
gone() {
    i=0;
    while alive; do
        if [ $i -ge $n ]; then return 1; fi;
        i=$((i + 1));
        sleep 0.1 2>/dev/null || { sleep 1; i=$((i + 9)); };
    done;
};
kill -TERM -$g 2>/dev/null;
gone || { kill -KILL -$g 2>/dev/null; gone; } || exit 1;
rm -f "${XDG_CACHE_HOME:-$HOME/.cache}/rem/$m"*;
f=$(grep -ls "REM_MARK=$m" /proc/[0-9]*/environ 2>/dev/null);
if [ -n "$f" ]; then printf "%s " $f; exit 2; fi;
exit 0
"""


def _one_line(*texts: str) -> str:
    return " ".join(line.strip() for text in texts for line in text.splitlines() if line.strip())


COMMAND = "exec sh -c '" + _one_line(_PRIVATE_DIRECTORY, _SCRIPT, _SECRETS, _RESULT, _MAIN) + "'"
COMMAND_ARGV = ("sh", "-c", _one_line(_PRIVATE_DIRECTORY, _SCRIPT, _SECRETS, _RESULT, _MAIN))


class UnfitTaskError(ValueError):
    """A task that no POSIX machine can run; the message says which word of it and why."""


class Wrapped(NamedTuple):
    """A task made ready to be sent."""

    nonce: bytes  # hexadecimal; what frames begin with
    mark: str  # hexadecimal; in the program's environment as REM_MARK, and in the names of its private files
    stdin: bytes  # all that goes to the wrapper, after which its input ends
    converted: bool = False  # the script had CRLF line ends


def wrap(task: Task, *, nonce: str | None = None, mark: str | None = None) -> Wrapped:
    """Make `task` ready to be sent. Raises UnfitTaskError for values that cannot be an argument or a variable."""
    nonce = nonce or secrets.token_hex(16)
    mark = mark or secrets.token_hex(16)
    script, converted = unix_line_ends(task.script or b"")
    given = {**task.env, **task.secrets, "REM_MARK": mark}
    files = {name: f"$rem_temp.$rem_node.$$.secret{number}" for number, name in enumerate(task.secret_files, 1)}
    header = [
        f"rem_key={nonce}",
        f"rem_mark={mark}",
        f"rem_script={hashlib.sha256(script).hexdigest() if task.script is not None else ''}",
        f"rem_size={len(script)}",
        f"rem_input={'y' if task.stdin else ''}",
        f"rem_limit={task.result_limit if task.result else ''}",
        f"rem_files={'y' if files else ''}",
        # A line break cannot stand in the header, which is one line.
        'rem_nl=$(printf "\\nx")',
        "rem_nl=${rem_nl%x}",
        "rem_env() { " + _exports(given) + _names(files) + " }",
        "rem_keep() { " + _kept(task.secret_files, files) + " }",
        "set -- " + " ".join(_quoted("an argument", word) for word in _arguments(task)),
    ]
    if not any("\n" in word for word in (*_arguments(task), *given.values())):
        header = [line for line in header if not line.startswith("rem_nl=")]
    line = ";".join(header).encode("utf-8", "surrogateescape")
    return Wrapped(nonce.encode(), mark, line + b"\n" + script + task.stdin, converted)


def unix_line_ends(script: bytes) -> tuple[bytes, bool]:
    """The script with LF line ends, and whether that changed it.

    Only a text whose first line names an interpreter and ends in CRLF is changed: there the kernel would look for an
    interpreter whose name ends in CR.
    """
    first, _, _ = script.partition(b"\n")
    if not (first.startswith(b"#!") and first.endswith(b"\r")) or b"\0" in script:
        return script, False
    return script.replace(b"\r\n", b"\n"), True


def kill_command(group: int, mark: str, grace: float) -> str:
    """The command that ends a process group for certain; `grace` in seconds, between TERM and KILL and after KILL.

    Exit status 0: all gone. 1: the group still lives. 2: processes left the group and live; its output names them.
    """
    return f"exec sh -c 'g={group:d}; m={_hexadecimal(mark)}; n={max(1, round(grace * 10)):d}; {_one_line(_KILL)}'"


def _arguments(task: Task) -> tuple[str, ...]:
    if task.shell is not None:
        return ("sh", "-c", task.shell)
    if task.script is None:
        if not task.argv or not task.argv[0]:
            raise UnfitTaskError("the task names no program")
        if task.argv[0].startswith("-"):
            raise UnfitTaskError(f"a program cannot be named {task.argv[0]!r}: names do not begin with a dash")
    return task.argv


def _exports(env: Mapping[str, str]) -> str:
    return " ".join(f"export {_name(name)}={_quoted(name, value)};" for name, value in env.items())


def _name(variable: str) -> str:
    if not NAME.fullmatch(variable):
        raise UnfitTaskError(f"{variable!r} cannot be the name of an environment variable")
    return variable


def _names(files: Mapping[str, str]) -> str:
    return "".join(f' export {_name(name)}="{path}";' for name, path in files.items())


def _kept(contents: Mapping[str, bytes], paths: Mapping[str, str]) -> str:
    """Shell text that writes files: any byte but letters and digits in octal, so that the header stays one line."""
    written = [f"printf '{_octal(content)}' >\"{paths[name]}\"" for name, content in contents.items()]
    return " && ".join(["true", *written]) + ";"


def _octal(content: bytes) -> str:
    return re.sub(rb"[^A-Za-z0-9]", lambda found: b"\\%03o" % found[0][0], content).decode("ascii")


def _quoted(what: str, value: str) -> str:
    if "\0" in value:
        raise UnfitTaskError(f"{what} holds a NUL character, which no argument or variable can")
    quoted = "'" + value.replace("'", "'\\''") + "'"
    return quoted.replace("\n", "'\"$rem_nl\"'")


def _hexadecimal(mark: str) -> str:
    return f"{int(mark, 16):0{len(mark)}x}"
