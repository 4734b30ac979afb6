"""`rem demo`: the main line of REM on three hosts of this machine, every command a real one."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rem_cli import shipped, wire
from rem_cli.cli import demo_failures, show, stage
from rem_cli.errors import RemError

if TYPE_CHECKING:
    from rem_cli.reach.loopback import Fleet

HOSTS = 3
RUNS = 6  # a second apart, so that there is something to draw


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the repository to play with.")] = False,
    hosts_only: Annotated[
        bool, typer.Option("--hosts-only", help="Only start the hosts, to practise on, until Ctrl-C.")
    ] = False,
    failures: Annotated[bool, typer.Option("--failures", help="Break hosts, and see them repaired.")] = False,
) -> int:
    """Show REM on three hosts of this machine, over real SSH.

    A package becomes active, its job runs, its numbers are drawn, a host breaks. With --failures the hosts are brought
    up stage by stage, killed, and repaired by a procedure; each step is checked, and the status is 0 if all held.

    Nothing outside of a scratch folder is touched. The hosts are a real OpenSSH server on loopback addresses; where
    there is none they are processes of this machine, and that is said.
    """
    with stage.scratch(keep and not hosts_only) as scratch, ExitStack() as stack:
        if failures:
            return demo_failures.show(scratch, stack)
        if hosts_only:
            return _practise(scratch, stack)
        status = _show(scratch, stack)
    if keep:
        _next(scratch)
    return status


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
    stage.step("a repository with one package")
    stage.call(repository, "init", str(repository), inside=False)
    shutil.rmtree(repository / "packages")
    shutil.copytree(shipped.folder("packages") / "demo", repository / "packages" / "demo")

    stage.step(f"{HOSTS} hosts")
    fleet = _fleet(stack, scratch / "hosts")
    for number in range(1, HOSTS + 1):
        fields = [f"address={fleet.hosts[number - 1]}", f"port={fleet.port}"] if fleet else ["reach=local"]
        stage.call(repository, "new", "host", f"demo/fleet/node{number}", *fields)
    stage.call(repository, "new", "host", "demo/here/here", "reach=local")

    stage.step("is it sound, and what does it mean")
    stage.call(repository, "validate")
    stage.call(repository, "show", "demo/jobs/disk/write", "--origin")

    stage.step("make the commit active")
    wire.commit(repository, "Three hosts and a job that measures", stage.AUTHOR)
    stage.call(repository, "apply")

    stage.step(f"run its job on all hosts, {RUNS} times" + (", over SSH" if fleet else ""))
    clock = wire.clock()
    for number in range(RUNS):
        clock.sleep(1 - clock.now() % 1 if number else 0)
        stage.call(repository, "job", "run", "demo/jobs/disk/write", quiet=number < RUNS - 1)

    stage.step("what it measured")
    stage.call(repository, "graph", "demo/jobs/disk/write", "--last", "15s")

    stage.step("one host breaks")
    broken: tuple[str, ...] = ()
    if fleet:
        fleet.break_host(fleet.hosts[-1])
    else:
        broken = ("--param", f"broken=node{HOSTS}")
    status = stage.call(repository, "job", "run", "demo/jobs/disk/write", *broken)
    show.line((f"[{status}]", "dim"))
    stage.call(repository, "status")
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
