"""`rem demo`: the main line of REM on three hosts of this machine, every command a real one."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rem_cli import shipped, wire
from rem_cli.cli import app as root
from rem_cli.cli import fail, show
from rem_cli.errors import RemError

if TYPE_CHECKING:
    from rem_cli.reach.loopback import Fleet

HOSTS = 3
RUNS = 6  # a second apart, so that there is something to draw
_AUTHOR = "rem demo <demo@localhost>"


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the repository to play with.")] = False,
    hosts_only: Annotated[
        bool, typer.Option("--hosts-only", help="Only start the hosts, to practise on, until Ctrl-C.")
    ] = False,
) -> int:
    """Show REM on three hosts of this machine, over real SSH.

    A package becomes active, its job runs, its numbers are drawn, a host breaks.

    Nothing outside of a scratch folder is touched. The hosts are a real OpenSSH server on loopback addresses; where
    there is none they are processes of this machine, and that is said.
    """
    scratch = Path(tempfile.mkdtemp(prefix="rem-demo-"))
    before = dict(os.environ)
    try:
        with ExitStack() as stack:
            return _practise(scratch, stack) if hosts_only else _show(scratch, stack)
    finally:
        os.environ.clear()
        os.environ.update(before)
        if keep and not hosts_only:
            _next(scratch)
        else:
            shutil.rmtree(scratch, ignore_errors=True)


def _practise(scratch: Path, stack: ExitStack) -> int:
    fleet = stack.enter_context(wire.fleet(scratch, HOSTS))
    show.line(f"{HOSTS} hosts to practise on: {', '.join(fleet.hosts)}. In another terminal:")
    show.line((f"export REM_SSH_CONFIG={fleet.ssh_config}", "cyan"))
    sys.stdout.flush()
    show.note("Ctrl-C ends them")
    signal.pause()
    return 0


def _show(scratch: Path, stack: ExitStack) -> int:
    repository = scratch / "repository"
    _step("a repository with one package")
    _call(repository, "init", str(repository), inside=False)
    shutil.rmtree(repository / "packages")
    shutil.copytree(shipped.folder("packages") / "demo", repository / "packages" / "demo")

    _step(f"{HOSTS} hosts")
    fleet = _fleet(stack, scratch / "hosts")
    for number in range(1, HOSTS + 1):
        fields = [f"address={fleet.hosts[number - 1]}", f"port={fleet.port}"] if fleet else ["reach=local"]
        _call(repository, "new", "host", f"demo/fleet/node{number}", *fields)
    _call(repository, "new", "host", "demo/here/here", "reach=local")

    _step("is it sound, and what does it mean")
    _call(repository, "validate")
    _call(repository, "show", "demo/jobs/disk/write", "--origin")

    _step("make the commit active")
    wire.commit(repository, "Three hosts and a job that measures", _AUTHOR)
    _call(repository, "apply")

    _step(f"run its job on all hosts, {RUNS} times" + (", over SSH" if fleet else ""))
    clock = wire.clock()
    for number in range(RUNS):
        clock.sleep(1 - clock.now() % 1 if number else 0)
        _call(repository, "job", "run", "demo/jobs/disk/write", quiet=number < RUNS - 1)

    _step("what it measured")
    _call(repository, "graph", "demo/jobs/disk/write", "--last", "15s")

    _step("one host breaks")
    broken: tuple[str, ...] = ()
    if fleet:
        fleet.break_host(fleet.hosts[-1])
    else:
        broken = ("--param", f"broken=node{HOSTS}")
    status = _call(repository, "job", "run", "demo/jobs/disk/write", *broken)
    show.line((f"[{status}]", "dim"))
    _call(repository, "status")
    return 0 if status == 5 else 1


def _fleet(stack: ExitStack, folder: Path) -> Fleet | None:
    try:
        fleet = stack.enter_context(wire.fleet(folder, HOSTS))
    except RemError as error:
        show.line(("no SSH here:", "yellow"), f" {error.message}; the hosts are processes of this machine")
        if error.hint:
            show.hint(error.hint)
        return None
    os.environ["REM_SSH_CONFIG"] = str(fleet.ssh_config)
    show.line(f"OpenSSH answers on {', '.join(fleet.hosts)}, port {fleet.port}")
    return fleet


def _step(text: str) -> None:
    show.line("")
    show.line((f"# {text}", "bold"))


def _call(repository: Path, *words: str, inside: bool = True, quiet: bool = False) -> int:
    """Type one command: show it, run it, give its status."""
    shown = words if inside else (*words[:-1], "repository")
    show.line(("$ ", "dim"), ("rem " + shlex.join(shown), "cyan"))
    sys.stdout.flush()
    argv = ["-C", str(repository), *words] if inside else list(words)
    try:
        with _hushed(quiet, hints=words[0] in ("init", "new")):
            return root.call(argv)
    except RemError as error:
        fail.tell(error, as_json=False)
        return int(error.status)


@contextmanager
def _hushed(answer: bool, *, hints: bool) -> Iterator[None]:
    """Without what a command answers, or without what it says beside that."""
    with ExitStack() as stack, Path(os.devnull).open("w") as nowhere:
        if answer:
            stack.enter_context(redirect_stdout(nowhere))
        if hints:
            stack.enter_context(redirect_stderr(nowhere))
        yield


def _next(scratch: Path) -> None:
    show.line("")
    show.line("The repository is kept. The three hosts are gone; this machine is a host too:")
    for command in (
        f"cd {scratch / 'repository'}",
        "rem job run demo/jobs/disk/write --hosts here",
        "rem graph write --last 5m",
        "rem job list",
        "rem schema show jobs",
    ):
        show.line("  ", (command, "cyan"))
    show.line(f"Take it away with: rm -r {scratch}")
