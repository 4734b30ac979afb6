"""`rem demo --failures`: hosts brought up in stages, killed, and repaired by a procedure; each step is checked."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rem_cli import shipped, wire
from rem_cli.cli import show as out
from rem_cli.cli import stage
from rem_cli.errors import Status

if TYPE_CHECKING:
    from rem_cli.reach.loopback import Fleet

NAMES = ("node1", "node2", "node3")
_UP, _REPAIR = "failures/procedures/fleet/bring up", "failures/procedures/fleet/repair"
_STAGE, _VERIFY = "failures/jobs/host/stage", "failures/jobs/host/verify"


class Found(NamedTuple):
    """What a host is found to be."""

    stage: str  # or its outcome, where it could not say
    pid: int  # of its service


class StepFailed(Exception):
    """A step did not hold; the show is over."""


@dataclass
class Show:
    """The hosts, and what was checked of them so far."""

    repository: Path
    fleet: Fleet
    held: list[str] = field(default_factory=list)
    failed: str = ""

    def call(self, *words: str) -> int:
        status = stage.call(self.repository, *words)
        if status:
            out.line((f"[{status}]", "dim"))
        return status

    def hosts(self) -> Mapping[str, Found]:
        """Every host as it is now, asked by a job."""
        told = json.loads(stage.asked(self.repository, "job", "run", _STAGE, "--format", "json"))
        return {host["host"]: _found(host) for host in told["hosts"]}

    def are(self, *stages: str) -> Mapping[str, Found]:
        """Check in which stages the hosts are."""
        found = self.hosts()
        seen = tuple(found[name].stage for name in NAMES)
        said = ", ".join(f"{name} {found[name].stage}" for name in NAMES)
        self.holds(seen == stages, f"stages: {said}", f"they should be {', '.join(stages)}")
        return found

    def holds(self, held: bool, text: str, why: str) -> None:
        """Say whether a step holds, and go no further when it does not."""
        out.line("  ", (out.glyph("ok"), "green") if held else (out.glyph("bad"), "red"), f" {text}")
        if not held:
            self.failed = f"{text}; {why}"
            raise StepFailed
        self.held.append(text)


def _found(host: dict[str, object]) -> Found:
    data = host.get("data")
    if isinstance(data, dict) and host["outcome"] == "ok":
        return Found(str(data["stage"]), int(data["pid"]))
    return Found(str(host["outcome"]), 0)


def show(scratch: Path, stack: ExitStack) -> int:
    """The whole show; 0 if every step held."""
    began = wire.clock().monotonic()
    fleet = stack.enter_context(wire.fleet(scratch / "hosts", len(NAMES)))
    os.environ["REM_SSH_CONFIG"] = str(fleet.ssh_config)
    stack.callback(_end_services, fleet)
    play = Show(scratch / "repository", fleet)
    acts: tuple[Callable[[Show], None], ...] = (_prepare, _bring_up, _kill_service, _kill_host)
    with suppress(StepFailed):
        for act in acts:
            act(play)
    out.line("")
    took = out.span(wire.clock().monotonic() - began)
    if play.failed:
        out.line((f"{len(play.held)} steps held, and then one did not", "bold red"), f", {took}: {play.failed}")
        return Status.FAILED
    out.line((f"all {len(play.held)} steps held", "bold green"), f", {took}")
    return Status.DONE


def _prepare(play: Show) -> None:
    stage.step("three hosts, each an address of its own that a real OpenSSH answers on")
    stage.call(play.repository, "init", str(play.repository), inside=False)
    shutil.rmtree(play.repository / "packages")
    shutil.copytree(shipped.folder("packages") / "failures", play.repository / "packages" / "failures")
    for name, address in zip(NAMES, play.fleet.hosts, strict=True):
        stage.call(
            play.repository, "new", "host", f"failures/fleet/{name}", f"address={address}", f"port={play.fleet.port}"
        )
    wire.commit(play.repository, "A fleet of three", stage.AUTHOR)
    play.holds(play.call("apply") == 0, "the commit is active", "rem apply failed")
    play.are("new", "new", "new")


def _bring_up(play: Show) -> None:
    stage.step("a procedure brings them up, and waits at each stage for somebody to look")
    play.call("procedure", "show", _UP)
    play.holds(play.call("procedure", "start", _UP) == 0, "it is begun", "it could not be")
    play.are("configured", "configured", "configured")
    play.call("procedure", "signal", "1", "verify it")
    play.are("verified", "verified", "verified")
    play.call("procedure", "signal", "1", "let it work")
    play.are("active", "active", "active")


def _kill_service(play: Show) -> None:
    stage.step("a service is killed (kill -9), on the second host")
    before = play.hosts()
    _kill(before[NAMES[1]].pid)
    play.are("active", "down", "active")
    status = play.call("job", "run", _VERIFY)
    detected = status == Status.SOME_FAILED
    play.holds(detected, "detected: one of three does not answer", f"the status should be 5, not {status}")
    stage.step("the procedure repairs it, and touches nothing else")
    play.holds(play.call("procedure", "start", _REPAIR) == 0, "repaired", "the procedure failed")
    after = play.are("active", "active", "active")
    same = [name for name in NAMES if before[name].pid == after[name].pid]
    play.holds(same == [NAMES[0], NAMES[2]], "only the dead one was started", f"as before: {', '.join(same)}")


def _kill_host(play: Show) -> None:
    stage.step("a whole host goes down: its links are cut, it refuses connections, its service is dead")
    play.fleet.break_host(play.fleet.hosts[2])
    _kill(int((_home(play.fleet, 2) / "pid").read_text()))
    play.are("active", "active", "unreachable")
    play.holds(play.call("procedure", "start", _REPAIR) == 0, "detected", "the procedure failed")
    waits = json.loads(stage.asked(play.repository, "procedure", "show", "3", "--format", "json"))["waits"] or {}
    play.holds("it is back" in str(waits.get("why")), "the procedure waits until it is back", "it does not wait")
    stage.step("power is back")
    play.fleet.heal_host(play.fleet.hosts[2])
    play.are("active", "active", "down")
    play.holds(play.call("procedure", "signal", "3", "it is back") == 0, "repaired", "the procedure failed")
    play.are("active", "active", "active")
    play.call("procedure", "list")
    play.holds(play.call("procedure", "start", _REPAIR) == 0, "once more finds nothing broken", "it failed")


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _home(fleet: Fleet, number: int) -> Path:
    return fleet.home(fleet.hosts[number]) / "service"


def _end_services(fleet: Fleet) -> None:
    """Nothing of the show runs on."""
    for number in range(len(NAMES)):
        with suppress(OSError, ValueError):
            os.kill(int((_home(fleet, number) / "pid").read_text()), signal.SIGKILL)
