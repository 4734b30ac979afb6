"""The cases of a collector: what it is given, what others answer, and the reading that must come of it.

A case is a JSON file in the collector's folder `cases/`. For a collector that asks by itself `answers` are what its
questions are answered with; for a program `commands` are programs that it finds instead of real ones, each with what it
printed when it was recorded.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rem_cli.collect import CollectError, Collector, NoAnswer, Reading, Target
from rem_cli.collect.outputs import environment, reading
from rem_cli.errors import RemError
from rem_cli.reach import End, Outcome, Task
from rem_cli.reach.asks import Connected, Echoes, Failed, Fetched, Got, Ran, Records, Shaken
from rem_cli.reach.snmp import ber

ANSWERS = {
    "echoes": Echoes, "connected": Connected, "shaken": Shaken, "fetched": Fetched, "records": Records,
    "failed": Failed,
}  # fmt: skip
TAGS = {"integer": 2, "text": 4, "counter32": 0x41, "gauge32": 0x42, "ticks": 0x43, "counter64": 0x46, "none": 0x81}
NEAR = 1e-9  # share by which two numbers may differ
# Recorded programs lie in a folder of their own for as long as the one that is tried runs.
STAGE = """rem_stage=$(mktemp -d) || exit; trap 'rm -rf "$rem_stage"' EXIT; PATH=$rem_stage:$PATH
"""
RunProgram = Callable[[Task], Ran]


class Case(NamedTuple):
    """One case, and what came of it."""

    name: str
    wrong: str  # empty when it is as it should be


def run(folder: Path, collector: Collector | None, manifest: Mapping[str, Any], program: RunProgram) -> Iterator[Case]:
    """Each case of a folder; `collector` is None for one that is a program."""
    for path in sorted((folder / "cases").glob("*.json")):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            wanted = told["reading"]
            found = played(collector, told, path.parent) if collector else ran(folder, manifest, told, program)
        except (OSError, ValueError, KeyError, TypeError) as error:
            yield Case(path.stem, f"the case cannot be read: {error!r}")
        except RemError as error:
            yield Case(path.stem, error.message)
        else:
            yield Case(path.stem, different(wanted, found))


def played(collector: Collector, told: Mapping[str, Any], folder: Path) -> Reading:
    """What a collector makes of answers."""
    target = Target(
        told.get("host", "web01"), told.get("address", "192.0.2.1"), told.get("timeout", 5.0), told.get("fields", {}),
        secret=told.get("secret", ""), programs={"program": b""}, now=told.get("now", 0.0),
    )  # fmt: skip
    conversation = collector(target)
    answers = iter(told["answers"])
    try:
        next(conversation)
        for one in answers:
            answer = _answer(one, folder)
            if isinstance(answer, Failed):
                conversation.throw(NoAnswer(answer))
            else:
                conversation.send(answer)
    except StopIteration as end:
        left = len(list(answers))
        if left:
            raise CollectError(f"it ended with {left} answers left") from None
        found: Reading = end.value
        return found
    except NoAnswer as error:
        return Reading({}, up=False, why=error.failed.why)
    raise CollectError("it asks more than the case answers")


def ran(folder: Path, manifest: Mapping[str, Any], told: Mapping[str, Any], program: RunProgram) -> Reading:
    """What a program prints where it finds recorded programs instead of real ones."""
    takes = manifest.get("takes") or {}
    env = environment(told.get("host", "web01"), told.get("address", "192.0.2.1"), takes, told.get("with", {}))
    stands = "".join(f"{line}\n" for name, one in told["commands"].items() for line in _stand_in(name, one, folder))
    script = (folder / manifest["script"]).read_bytes()
    if b"\r" in script:
        raise CollectError(f"{manifest['script']} has lines that end as on Windows")
    shell = f"{STAGE}{stands}{script.decode()}"
    answer = program(Task(shell=shell, env=env))
    try:
        return reading(manifest.get("result", "json"), answer, manifest.get("measures"))
    except NoAnswer as error:
        return Reading({}, up=False, why=error.failed.why)


def _stand_in(name: str, told: Any, folder: Path) -> Iterator[str]:
    """Shell text that makes a program which prints what another printed, by the words that it is called with."""
    ways = {"*": told} if isinstance(told, str) else told
    lines = ["#!/bin/sh", 'case "$*" in']
    for words, file in ways.items():
        text = None if file is None else (folder / "cases" / file).read_text(encoding="utf-8")
        lines.append(f"{words}) exit 1;;" if text is None else f"{words}) printf %s {shlex.quote(text)};;")
    program = "\n".join([*lines, "*) exit 127;;", "esac"])
    yield f'printf %s {shlex.quote(program)} >"$rem_stage/{name}"; chmod +x "$rem_stage/{name}"'


def _answer(told: Mapping[str, Any], folder: Path) -> Any:
    [(kind, what)] = told.items()
    if kind == "got":
        bound = [
            (ber.oid(name), TAGS[tag], value.encode() if isinstance(value, str) else value)
            for name, tag, value in what["varbinds"]
        ]
        return Got(bound, what.get("error", 0), what.get("at", 0))
    if kind == "ran":
        out = (folder / what["out file"]).read_bytes() if "out file" in what else what.get("out", "").encode()
        exit = what.get("exit", 0)
        end = End(Outcome.FAILED if exit else Outcome.OK, exit=exit, why=f"exit status {exit}" if exit else "")
        return Ran(end, out, what.get("err", "").encode())
    made = {name: value.encode() if name in ("said", "body") else value for name, value in what.items()}
    if "chain" in made:
        made["chain"] = [bytes.fromhex(one) for one in made["chain"]]
    return ANSWERS[kind](**made)


def different(wanted: Mapping[str, Any], found: Reading) -> str:
    """In what a reading is another than wanted; only what a case names is compared, but numbers all together."""
    counters = {name: counter.value for name, counter in found.counters.items()}
    for what, there in (("values", dict(found.values)), ("counters", counters)):
        for name, value in wanted.get(what, {}).items():
            if name not in there:
                return f"{what}: there is no {name}; there is {', '.join(there) or 'none'}"
            if abs(there[name] - value) > NEAR * max(1.0, abs(value)):
                return f"{what}: {name} is {there[name]:g}, not {value:g}"
        more = [name for name in there if name not in wanted.get(what, {})]
        if more and not wanted.get("and more"):
            return f"{what}: nobody expects {', '.join(more[:5])}"
    for what, value in (("up", found.up), ("why", found.why)):
        if wanted.get(what, True if what == "up" else "") != value:
            return f"{what} is {value!r}, not {wanted.get(what, True if what == 'up' else '')!r}"
    return ""
