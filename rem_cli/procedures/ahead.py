"""What somebody agrees to: the states that may follow an approval, what each would run, and what is new about them."""

from __future__ import annotations

from typing import NamedTuple

from rem_cli.language import Value
from rem_cli.procedures.definition import RUNS, Definition, Kind, State
from rem_cli.procedures.ways import reached


class Step(NamedTuple):
    """A state that may follow, the item that it runs, and the program itself."""

    state: str
    runs: str
    program: str


def ahead(definition: Definition, state: str) -> list[Step]:
    """The programs that may run after a state, in the order in which they come."""
    names = [name for name in reached(definition.states, state) if name != state]
    return [step for name in names for step in _steps(definition, definition.states[name])]


def _steps(definition: Definition, state: State) -> list[Step]:
    named = [("", state.text("task")), *((f" {word}", state.text(word)) for word in ("enter", "exit", "compensate"))]
    steps = [Step(f"{state.name}{word}", path, program(definition, path)) for word, path in named if path]
    if state.kind in RUNS and state.kind is not Kind.TASK:
        steps.append(Step(state.name, "", " ".join(state.words("command"))))
    return steps


def program(definition: Definition, path: str) -> str:
    """What a job runs, in one line: a script with the digest of its content."""
    job = definition.jobs.get(path)
    if job is None:
        return "this job is not there"
    fields = job.fields
    hosts = f" on {fields['hosts']}" if fields.get("hosts") else ""
    if isinstance(script := fields.get("script"), str):
        return f"{script} ({definition.scripts.get(script, '')[:12]}){hosts}"
    if isinstance(command := fields.get("command"), list):
        return f"{' '.join(map(str, command))}{hosts}"
    return f"sh: {' '.join(str(fields.get('shell')).split())}{hosts}"


def changed(old: Definition, new: Definition) -> list[str]:
    """What a definition says differently from another one, a line each."""
    told: list[str] = []
    for name in dict.fromkeys([*old.states, *new.states]):
        before, after = (one.states[name].fields if name in one.states else None for one in (old, new))
        told += _differences(f"states/{name}", before, after)
    for path in dict.fromkeys([*old.jobs, *new.jobs]):
        before, after = (one.jobs[path].fields if path in one.jobs else None for one in (old, new))
        told += _differences(path, before, after)
    for path in dict.fromkeys([*old.scripts, *new.scripts]):
        if path in old.scripts and path in new.scripts and old.scripts[path] != new.scripts[path]:
            told.append(f"~ {path} {old.scripts[path][:12]} → {new.scripts[path][:12]}")
    return told + _differences("procedure", old.document["fields"], new.document["fields"])


def _differences(what: str, before: object, after: object) -> list[str]:
    if before is None or after is None:
        return [f"{'-' if after is None else '+'} {what}"]
    assert isinstance(before, dict) and isinstance(after, dict)
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return [f"~ {what} {name}: {_shown(before.get(name))} → {_shown(after.get(name))}" for name in names]


def _shown(value: Value) -> str:
    return "nothing" if value is None else str(value)
