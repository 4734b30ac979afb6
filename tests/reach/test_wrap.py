"""The wrapper under every POSIX shell of this machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from rem_cli.reach import Task
from rem_cli.reach.frames import Ended, Event, FrameReader, Output, Refused, Started
from rem_cli.reach.wrap import COMMAND, COMMAND_ARGV, UnfitTaskError, kill_command, unix_line_ends, wrap

SHELLS = {
    "sh": ["sh"],
    "dash": ["dash"],
    "bash": ["bash"],
    "posix bash": ["bash", "--posix"],
    "busybox": ["busybox", "sh"],
}
FOUND = [name for name, words in SHELLS.items() if shutil.which(words[0])]
NASTY = [
    "; id",
    "$(id)",
    "`id`",
    "a\nb",
    "\n",
    "-rf",
    "*",
    "%",
    "'",
    '"',
    "\\",
    "{{x}}",
    "",
    "a'\n'b\\",
    "\t",
    "~",
    "!!",
    "#",
]


@dataclass(frozen=True)
class Ran:
    events: list[Event]
    out: bytes
    err: bytes

    @property
    def ended(self) -> Ended:
        return next(event for event in self.events if isinstance(event, Ended))


@dataclass(frozen=True)
class Host:
    """A shell to run the wrapper under, with a home of its own."""

    shell: str
    home: Path

    def run(self, task: Task, **environment: str) -> Ran:
        wrapped = wrap(task)
        words = [*SHELLS[self.shell], *COMMAND_ARGV[1:]]
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), **environment}
        done = subprocess.run(
            words, input=wrapped.stdin, capture_output=True, env=env, start_new_session=True, check=False
        )
        out, err = FrameReader(wrapped.nonce), FrameReader(wrapped.nonce, begun=True)
        events = [*out.feed(done.stdout), *out.close()]
        said = [*err.feed(done.stderr), *err.close()]
        return Ran(events, _text(events), _text(said))

    @property
    def scripts(self) -> Path:
        return self.home / ".cache/rem/scripts"


def _text(events: list[Event]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Output))


@pytest.fixture(params=FOUND)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    return Host(request.param, tmp_path)


def test_a_program_runs_in_a_group_that_is_told(host: Host) -> None:
    ran = host.run(Task(shell="ps -o pgid= -p $$"))
    assert ran.events[0] == Started(int(ran.out))


def test_the_exit_status_comes_back(host: Host) -> None:
    assert host.run(Task(shell="exit 7")).ended == Ended(7)


def test_a_signal_comes_back_as_the_shell_tells_it_and_nothing_is_added_to_the_output(host: Host) -> None:
    ran = host.run(Task(shell="kill -KILL $$"))
    assert (ran.ended, ran.out, ran.err) == (Ended(137), b"", b"")


def test_the_wrapper_outlives_a_term_to_its_group_and_the_program_does_not(host: Host) -> None:
    ran = host.run(Task(shell="kill -TERM 0; sleep 60"))
    assert ran.ended == Ended(143)


def test_a_program_that_does_not_exist_is_127_and_says_so(host: Host) -> None:
    ran = host.run(Task(argv=("no-such-program",)))
    assert (ran.ended, b"no-such-program" in ran.err) == (Ended(127), True)


def test_30_arguments_arrive_as_they_are(host: Host) -> None:
    script = b'#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done\n'
    assert host.run(Task(script=script, argv=tuple(NASTY))).out.decode() == "".join(f"{word}\0" for word in NASTY)


def test_30_environment_values_arrive_as_they_are(host: Host) -> None:
    env = {f"VALUE_{at}": word for at, word in enumerate(NASTY)}
    out = host.run(Task(argv=("env", "-0"), env=env)).out.decode()
    got = dict(entry.split("=", 1) for entry in out.split("\0") if entry)
    assert {name: got.get(name) for name in env} == env


def test_30_every_byte_but_nul_arrives(host: Host) -> None:
    value = bytes(range(1, 256))
    ran = host.run(Task(shell='printf %s "$1$VALUE"', env={"VALUE": os.fsdecode(value)}))
    assert ran.out == value


def test_30_a_long_value_arrives(host: Host) -> None:
    value = "x" * 100_000
    assert host.run(Task(shell='printf %s "$VALUE"', env={"VALUE": value})).out == value.encode()


def test_30_a_value_that_the_kernel_does_not_take_fails_with_its_reason(host: Host) -> None:
    ran = host.run(Task(argv=("true",), env={"VALUE": "x" * 1_000_000}))
    assert (ran.ended.status in (126, 127), b"too long" in ran.err) == (True, True)


@pytest.mark.parametrize("name", ["", "A B", "A=B", "1A", "A;id", "Ä", "A\n"])
def test_31_a_name_that_is_no_variable_is_refused(name: str) -> None:
    with pytest.raises(UnfitTaskError, match="cannot be the name of an environment variable"):
        wrap(Task(argv=("true",), env={name: "x"}))


@pytest.mark.parametrize("name", ["PATH", "IFS", "LD_PRELOAD", "HOME", "XDG_CACHE_HOME", "ENV", "BASH_ENV"])
def test_31_the_environment_is_the_programs_alone(host: Host, name: str) -> None:
    ran = host.run(Task(argv=("/usr/bin/env",), script=None, env={name: "/nowhere"}, result=True))
    assert (ran.ended.status, f"{name}=/nowhere".encode() in ran.out) == (0, True)


def test_a_nul_is_refused() -> None:
    with pytest.raises(UnfitTaskError, match="NUL"):
        wrap(Task(argv=("true", "a\0b")))


@pytest.mark.parametrize("argv", [(), ("",), ("-c", "id")])
def test_what_names_no_program_is_refused(argv: tuple[str, ...]) -> None:
    with pytest.raises(UnfitTaskError):
        wrap(Task(argv=argv))


def test_the_command_line_is_constant_and_no_value_is_in_it(host: Host) -> None:
    ran = host.run(Task(shell="ps -o args= -p $PPID", env={"SECRET": "hunter2"}))
    assert (b"hunter2" in ran.out, b"rem_head" in ran.out) == (False, True)


def test_37_the_program_does_not_learn_the_nonce() -> None:
    wrapped = wrap(Task(shell="env; cat /proc/$PPID/environ /proc/$PPID/cmdline"))
    done = subprocess.run(COMMAND_ARGV, input=wrapped.stdin, capture_output=True, check=False)
    frames = done.stdout.count(wrapped.nonce)
    assert frames == 2  # the start and the end


def test_standard_input_reaches_the_program(host: Host) -> None:
    assert host.run(Task(argv=("cat",), stdin=b"\0one\ntwo")).out == b"\0one\ntwo"


def test_a_program_without_input_finds_its_end(host: Host) -> None:
    assert host.run(Task(argv=("cat",))).ended == Ended(0)


def test_a_script_is_stored_under_its_sum_and_runs(host: Host) -> None:
    script = b"#!/bin/sh\necho ran\n"
    ran = host.run(Task(script=script))
    stored = host.scripts / hashlib.sha256(script).hexdigest()
    assert (ran.out, stored.read_bytes(), stored.stat().st_mode & 0o777) == (b"ran\n", script, 0o700)


def test_a_script_can_be_large_and_have_input_too(host: Host) -> None:
    script = b"#!/bin/sh\ncat\nexit\n" + b"\0\xff" * 200_000
    stdin = b"#!/bin/sh\n" * 50_000
    assert [host.run(Task(script=script, stdin=stdin)).out for _ in range(2)] == [stdin, stdin]


def test_a_stored_script_is_used_again(host: Host) -> None:
    task = Task(script=b"#!/bin/sh\necho again\n")
    host.run(task)
    (stored,) = host.scripts.iterdir()
    before = stored.stat().st_ino
    assert (host.run(task).out, stored.stat().st_ino) == (b"again\n", before)


def test_34_a_stored_script_that_was_changed_is_replaced(host: Host) -> None:
    task = Task(script=b"#!/bin/sh\necho good\n")
    host.run(task)
    (stored,) = host.scripts.iterdir()
    stored.write_bytes(b"#!/bin/sh\necho evil\n")
    assert host.run(task).out == b"good\n"


def test_34_a_link_in_the_place_of_a_script_is_not_followed(host: Host) -> None:
    task = Task(script=b"#!/bin/sh\necho good\n")
    host.run(task)
    (stored,) = host.scripts.iterdir()
    elsewhere = host.home / "elsewhere"
    stored.rename(elsewhere)
    stored.symlink_to(elsewhere)
    assert (host.run(task).out, stored.is_symlink()) == (b"good\n", False)


@pytest.mark.parametrize("place", ["", "scripts"])
def test_34_a_directory_that_is_a_link_is_refused(host: Host, place: str) -> None:
    directory = host.home / ".cache/rem" / place
    directory.parent.mkdir(mode=0o700, parents=True)
    (host.home / "trap/scripts").mkdir(mode=0o700, parents=True)
    directory.symlink_to(host.home / "trap")
    assert host.run(Task(script=b"#!/bin/sh\n")).events == [Refused(f"{directory} is a symbolic link")]


@pytest.mark.parametrize("place", ["", "scripts"])
def test_34_a_directory_that_others_may_enter_is_refused(host: Host, place: str) -> None:
    host.scripts.mkdir(mode=0o700, parents=True)
    host.scripts.parent.chmod(0o700)
    (host.scripts.parent / place).chmod(0o755)
    cache = host.scripts.parent
    why = f"{cache} and {cache}/scripts are open to others (chmod 700 them)"
    assert host.run(Task(script=b"#!/bin/sh\n")).events == [Refused(why)]


def test_34_a_cache_that_everybody_may_write_to_is_refused(host: Host) -> None:
    (host.home / ".cache").mkdir()
    (host.home / ".cache").chmod(0o777)
    assert host.run(Task(script=b"#!/bin/sh\n")).events == [Refused(f"everybody may write to {host.home}/.cache")]


def test_a_cache_that_cannot_be_made_is_refused(host: Host) -> None:
    (host.home / ".cache").write_text("in the way")
    (event,) = host.run(Task(script=b"#!/bin/sh\n")).events
    assert event == Refused(f"cannot make the directory {host.home}/.cache/rem/scripts")


def test_a_full_disk_is_refused_before_the_script_runs(host: Host) -> None:
    limited = f'ulimit -f 8; exec {" ".join(SHELLS[host.shell])} "$@"'
    wrapped = wrap(Task(script=b"#!/bin/sh\necho ran\n" + b"#" * 100_000))
    words = ["sh", "-c", f"trap '' XFSZ; {limited}", "sh", *COMMAND_ARGV[1:]]
    env = {"PATH": os.environ["PATH"], "HOME": str(host.home)}
    done = subprocess.run(words, input=wrapped.stdin, capture_output=True, env=env, check=False)
    (event,) = FrameReader(wrapped.nonce).feed(done.stdout)
    assert isinstance(event, Refused) and "is the disk full?" in event.why


def test_a_result_comes_back_and_its_file_is_gone(host: Host) -> None:
    ran = host.run(Task(shell='printf "\\0\\n{}" >"$REM_RESULT"', result=True))
    assert (ran.ended, list((host.home / ".cache/rem").iterdir())) == (Ended(0, b"\0\n{}", 4), [host.scripts])


def test_a_result_over_its_limit_comes_back_cut(host: Host) -> None:
    assert host.run(Task(shell='echo 123456789 >"$REM_RESULT"', result=True, result_limit=4)).ended == Ended(
        0, b"1234", 10
    )


def test_a_program_that_writes_no_result_has_none(host: Host) -> None:
    assert host.run(Task(argv=("true",), result=True)).ended == Ended(0, None)


def test_the_program_keeps_its_umask_and_directory(host: Host) -> None:
    plain, stored = (host.run(Task(shell="umask; pwd", result=result)).out for result in (False, True))
    assert plain == stored


def test_everything_a_program_says_on_standard_error_stands_before_the_end(host: Host) -> None:
    assert host.run(Task(shell="echo oops >&2; exit 1")).err == b"oops\n"


def test_crlf_line_ends_of_a_script_are_converted() -> None:
    assert unix_line_ends(b"#!/bin/sh\r\necho\r\n") == (b"#!/bin/sh\necho\n", True)


@pytest.mark.parametrize("script", [b"#!/bin/sh\necho 'a\r\n'", b"\x7fELF\r\n", b"#!/bin/sh\r\n\0", b""])
def test_other_scripts_are_left_alone(script: bytes) -> None:
    assert unix_line_ends(script) == (script, False)


def test_the_command_means_the_same_to_every_login_shell() -> None:
    inner = COMMAND.removeprefix("exec sh -c '").removesuffix("'")
    assert not set(inner) & set("'!\n")


def test_a_kill_command_takes_nothing_but_numbers() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        kill_command(1, "x; id", 1.0)


def test_50_a_secret_is_in_the_environment_of_the_program_alone(host: Host) -> None:
    listing = 'cat /proc/$PPID/environ /proc/$PPID/cmdline /proc/$$/cmdline; ps -eo args; echo "${#PASSWORD}"'
    ran = host.run(Task(shell=listing, secrets={"PASSWORD": "hunter22-alpha"}))
    assert (b"hunter22" in ran.out, ran.out.endswith(b"\n14\n")) == (False, True)


@pytest.mark.parametrize("content", [bytes(range(256)), b"", b"%s\\n%d'\"$(id)\n", b"key\n"])
def test_a_secret_file_holds_every_byte_and_is_private(content: bytes, host: Host) -> None:
    shell = 'stat -c "%a %h" "$KEY" >&2; umask >&2; cat "$KEY"'
    ran = host.run(Task(shell=shell, secret_files={"KEY": content}))
    assert (ran.out, ran.err.split()[:2], int(ran.err.split()[2], 8)) == (content, [b"600", b"1"], host_umask())
    assert [path for path in (host.home / ".cache/rem").iterdir() if path.is_file()] == []


def host_umask() -> int:
    before = os.umask(0)
    os.umask(before)
    return before


def test_a_secret_file_beside_a_script_its_input_and_its_result(host: Host) -> None:
    script = b'#!/bin/sh\ncat "$KEY" -\necho "{}" >"$REM_RESULT"\n'
    ran = host.run(Task(script=script, stdin=b"input\n", result=True, secret_files={"KEY": b"key\n", "OTHER": b"x"}))
    assert (ran.out, ran.ended.result) == (b"key\ninput\n", b"{}\n")
    assert [path for path in (host.home / ".cache/rem").iterdir() if path.is_file()] == []


def test_a_secret_file_that_a_crash_left_is_taken_away_by_the_next(host: Host) -> None:
    folder = host.home / ".cache/rem"
    (folder / "scripts").mkdir(parents=True)
    folder.chmod(0o700)
    (folder / "scripts").chmod(0o700)
    child = subprocess.Popen(["true"])
    child.wait()
    left = folder / f"abc.{os.uname().nodename}.{child.pid}.secret1"
    used = folder / f"abc.{os.uname().nodename}.{os.getpid()}.secret1"
    elsewhere = folder / f"abc.another-host.{child.pid}.secret1"
    for path in (left, used, elsewhere):
        path.write_text("hunter22")
    host.run(Task(argv=("true",), secret_files={"KEY": b"key"}))
    assert [path.exists() for path in (left, used, elsewhere)] == [False, True, True]


def test_a_shell_whose_printf_is_a_program_is_given_no_secret_file(tmp_path: Path) -> None:
    wrapped = wrap(Task(argv=("true",), secret_files={"KEY": b"key"}))
    text = COMMAND_ARGV[2].replace("command -v printf", "echo /usr/bin/printf")
    done = subprocess.run(["sh", "-c", text], input=wrapped.stdin, capture_output=True, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})  # fmt: skip
    assert b"refuse no secret can be put into a file here: printf is a program" in done.stdout
    assert done.returncode == 126


def test_a_task_tells_no_secret() -> None:
    task = Task(argv=("true",), secrets={"PASSWORD": "hunter22"}, secret_files={"KEY": b"hunter22"})
    assert "hunter22" not in repr(task)
