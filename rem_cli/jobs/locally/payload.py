"""A scheduled job as files of a host that starts it by itself: script, small runner, and what its scheduler reads."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from rem_cli.errors import UsageError
from rem_cli.jobs.job import Job, ResultKind, environment, read_params
from rem_cli.jobs.locally import LIMIT, CannotRunThere, Place, starts_itself
from rem_cli.jobs.schedule import crond, timer
from rem_cli.jobs.schedule.decide import Policy
from rem_cli.jobs.schedule.read import read
from rem_cli.jobs.schedule.says import CannotSay, Entry, entry_name, no_calendar, refuse
from rem_cli.language import Item
from rem_cli.language.processes import LOCALLY
from rem_cli.plan.footprint import Content, Kind, Machine, Object
from rem_cli.reach.wrap import unix_line_ends

_KINDS = ("once", "every", "cron")
# What only somebody who sees all hosts of a run, or its output as it comes, can keep.
_UNKEPT = ("batch", "max fail", "success", "distribute", "retry", "input", "idle timeout")


def kind(place: Callable[[Item, str], Place]) -> Kind:
    """The kinds `payload` and `schedule`; `place` says where a host of a name has them."""

    def objects(item: Item, machine: Machine, content: Content) -> Iterator[Object]:
        assert machine.item is not None
        yield from _objects(item, place(machine.item, machine.target.name), machine.target.name, content)

    return Kind("builtin jobs", objects, scheduled, starts_itself, LOCALLY)


def scheduled(item: Item) -> bool:
    """Whether a job is due by itself, on hosts."""
    return item.fields.get("hosts") is not None and any(item.fields.get(name) is not None for name in _KINDS)


def digest_of(item: Item, host: str, root: str, script: bytes | None) -> str:
    """What the runner of a job is called by; it tells which text of the job a result comes from."""
    plain = unix_line_ends(script)[0] if script is not None else None
    return sha256(_runner(item, host, root, plain).encode()).hexdigest()[:16]


def _objects(item: Item, place: Place, host: str, content: Content) -> Iterator[Object]:
    refuse(unkept(item, place))
    said = item.fields.get("script")
    script = unix_line_ends(content.file(str(said)))[0] if said is not None else None
    runner = _runner(item, host, place.root, script)
    path = f"{_payload(item, place.root)}.{digest_of(item, host, place.root, script)}"
    for name, body in ((_script(item, place.root, script), script), (path, runner.encode())):
        if body is not None:
            yield Object("payload", name, item.path, body, 0o700, parents=True, guarded=True)
    schedule = read(item, {})
    assert schedule is not None
    entry = Entry(item.path, schedule, Policy.read(item), ["/bin/sh", path], place.user)
    for name, text in _scheduled(entry, place).items():
        yield Object("schedule", f"{place.schedules}/{name}", item.path, text.encode(), 0o644, guarded=True)


def _scheduled(entry: Entry, place: Place) -> dict[str, str]:
    """What the scheduler of a host reads, by the file's name; CannotSay."""
    if place.scheduler == "systemd":
        # The service is over at once, or systemd would start what was due meanwhile when the run ends.
        return timer.files(replace(entry, command=["/usr/bin/env", "setsid", "-f", *entry.command]))
    return {entry.name: crond.file(entry, place.zone)}


def unkept(item: Item, place: Place) -> Iterator[CannotSay]:
    """What a host cannot keep of a job by itself."""
    job, policy = Job.read(item), Policy.read(item)
    if job.secrets or job.secret_files:
        text = f"{item.path} has secrets, which would lie on hosts that start it by themselves"
        hint = "take its hosts out of those that say runs locally, or the secrets out of it"
        yield CannotRunThere(text, hint=hint, field="secrets" if job.secrets else "secret files", finding="REM1906")
    itself = f"a host that starts {item.path} by itself"
    for name in _UNKEPT:
        if item.fields.get(name) is not None:
            yield CannotRunThere(
                f"{itself} cannot keep its '{name}'", hint=f"leave {name} out", field=name, finding="REM1907"
            )
    if job.workers > 1:
        text = f"{itself} runs it once, and it says workers: {job.workers}"
        yield CannotRunThere(text, hint="leave workers out", field="workers", finding="REM1907")
    if policy.overlap not in ("forbid", "allow"):
        text = f"{itself} cannot keep 'overlap: {policy.overlap}'"
        yield CannotRunThere(text, hint="say overlap: forbid or allow", field="overlap", finding="REM1905")
    asked = [name for name, value in job.params.items() if value is None]
    if asked:
        text = f"{item.path} must be given {', '.join(asked)}, and nobody is there to give it"
        yield CannotRunThere(text, hint="give it a default", field="params", finding="REM1908")
    if item.fields.get("calendar") is not None:
        yield no_calendar(place.scheduler, item.path)
        item = replace(item, fields={**item.fields, "calendar": None})
    schedule = read(item, {})
    if schedule is not None:
        entry = Entry(item.path, schedule, policy, ["/bin/sh"], place.user)
        yield from timer.unkept(entry) if place.scheduler == "systemd" else crond.unkept(entry, place.zone)


def _runner(item: Item, host: str, root: str, script: bytes | None) -> str:
    """The whole text of the runner: what varies, each value quoted, then the same for every job; UsageError."""
    job = Job.read(item)
    params = read_params(job, [])
    part = {"REM_JOB": job.path, "REM_RUN": "", "REM_COMMIT": "", "REM_HOST": host, "REM_WORKER": "1"}
    given = environment(job, params) | part
    if any("\0" in value for value in given.values()):
        raise UsageError(f"{job.path} has a value with a NUL byte, which no program can be given")
    words = (
        ["sh", "-c", job.shell]
        if job.shell is not None
        else ['"$work/program"', *job.arguments]
        if script is not None
        else [*job.command]
    )
    program = " ".join(word if word == '"$work/program"' else shlex.quote(word) for word in words)
    stdin = json.dumps(params, ensure_ascii=False) if job.stdin_params else ""
    head = {
        "root": root,
        "step": str(_step(item)),
        "name": name_of(item),
        "job": job.path,
        "script": _script(item, root, script) if script is not None else "",
        "overlap": Policy.read(item).overlap,
        "timeout": f"{job.deadlines.run:.3f}",
        "grace": str(max(1, round(job.deadlines.grace * 10))),
        "limit": str(LIMIT),
    }
    rows = [f"{name}={shlex.quote(value)}" for name, value in head.items()]
    exports = "".join(f"    export {name}={shlex.quote(value)}\n" for name, value in given.items())
    give = f"printf '%s\\n' {shlex.quote(stdin)}" if stdin else ":"
    result = "" if job.result is ResultKind.FILE else "    unset REM_RESULT\n"
    text = "\n".join(["#!/bin/sh", "# Written by REM, which writes it again when it was changed.", *rows])
    return (
        f"{text}\npayload=${{0##*.}}\ngive() {{ {give}; }}\n"
        f"program() {{\n{exports}{result}    exec setsid {program}\n}}\n\n{_program()}"
    )


def _step(item: Item) -> int:
    """The seconds between whose multiples a run's time lies: a minute, or less where it is due more often."""
    every = item.fields.get("every")
    return int(every) if isinstance(every, int | float) and every < 60 else 60


def name_of(item: Item) -> str:
    """What a job is called on hosts."""
    return entry_name(item.path)


def _payload(item: Item, root: str) -> str:
    return f"{root}/payload/{name_of(item)}"


def _script(item: Item, root: str, script: bytes | None) -> str:
    return f"{_payload(item, root)}.{sha256(script or b'').hexdigest()[:16]}.program"


@cache
def _program() -> str:
    here = Path(__file__).parent
    return (here / "alive.sh").read_text() + "\n" + (here / "runner.sh").read_text()
