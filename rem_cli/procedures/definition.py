"""A procedure as a run of it is pinned to: its states, the jobs that they run, and the digests of scripts.

The whole of it is one JSON document, whose sha256 is the definition's digest. A run keeps the document it began with:
what packages say later does not touch it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from rem_cli.jobs.job import secrets_of
from rem_cli.language import Item, Value

Document = dict[str, Any]


class Kind(StrEnum):
    TASK = "task"
    COMMAND = "command"
    CHOICE = "choice"
    WAIT = "wait"
    UNTIL = "until"
    PARALLEL = "parallel"
    FOR_EACH = "for each"
    APPROVE = "approve"
    SIGNAL = "signal"
    SUCCEED = "succeed"
    FAIL = "fail"


ENDS = (Kind.SUCCEED, Kind.FAIL)
FANS = (Kind.PARALLEL, Kind.FOR_EACH)
RUNS = (Kind.TASK, Kind.COMMAND)
WORDS = (  # of a state, besides its kind; the rest of its fields are those of the procedure
    *("do", "at once", "with", "take", "next", "otherwise", "timeout", "retry", "catch", "idempotent", "changes"),
    *("on unknown", "check", "compensate", "enter", "exit"),
)


class Retry(NamedTuple):
    times: int
    errors: tuple[str, ...]  # none: every one
    interval: float
    backoff: float
    most: float

    def fits(self, error: str) -> bool:
        return not self.errors or error in self.errors

    def delay(self, before: int) -> float:
        """Seconds to wait after it was tried again `before` times."""
        return float(min(self.most, self.interval * self.backoff**before))


class Catch(NamedTuple):
    errors: tuple[str, ...]
    next: str

    def fits(self, error: str) -> bool:
        return not self.errors or error in self.errors


class Branch(NamedTuple):
    when: str
    next: str


class Approval(NamedTuple):
    role_account: str  # its name
    expires: float
    two_person: bool


@dataclass(frozen=True, slots=True)
class State:
    """One state as its item has it."""

    name: str
    kind: Kind
    fields: Mapping[str, Value]

    def text(self, name: str) -> str:
        """A field's text; empty when it has none."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def seconds(self, name: str) -> float | None:
        value = self.fields.get(name)
        return float(value) if isinstance(value, int | float) else None

    def words(self, name: str) -> tuple[str, ...]:
        value = self.fields.get(name)
        return tuple(map(str, value)) if isinstance(value, list) else ()

    def texts(self, name: str) -> dict[str, str]:
        value = self.fields.get(name)
        return {key: str(one) for key, one in value.items()} if isinstance(value, dict) else {}

    def records(self, name: str) -> list[Document]:
        value = self.fields.get(name)
        return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

    @property
    def retry(self) -> list[Retry]:
        return [
            Retry(one["times"], tuple(one["errors"]), one["interval"], one["backoff"], one["most"])
            for one in self.records("retry")
        ]

    @property
    def catch(self) -> list[Catch]:
        return [Catch(tuple(one["errors"]), one["next"]) for one in self.records("catch")]

    @property
    def branches(self) -> list[Branch]:
        return [Branch(one["when"], one["next"]) for one in self.records("choice")]

    @property
    def approval(self) -> Approval:
        told: Any = self.fields.get("approve")
        name = str(told["role account"]).rpartition("/")[2]  # of a path, which is too much to read
        return Approval(name, told["expires"], told["two person"])

    @property
    def starts(self) -> tuple[str, ...]:
        """The first state of each branch that it begins; of `for each` the one that every value goes through."""
        return self.words("parallel") if self.kind is Kind.PARALLEL else (self.text("do"),)

    def onward(self) -> list[str]:
        """The states that may follow it in its own branch, in the order in which they are written."""
        ways = [one.next for one in self.branches] if self.kind is Kind.CHOICE else []
        ways += [self.text("otherwise") if self.kind is Kind.CHOICE else self.text("next")]
        return [one for one in dict.fromkeys([*ways, *(catch.next for catch in self.catch)]) if one]


def kind_of(fields: Mapping[str, Value]) -> Kind | None:
    """What a state does; None when it says nothing, or more than one thing."""
    said = [kind for kind in Kind if fields.get(kind.value) is not None]
    return said[0] if len(said) == 1 else None


@dataclass(frozen=True)
class Definition:
    """A procedure, whole."""

    document: Document
    digest: str
    path: str
    start: str
    timeout: float
    most_steps: int
    params: Mapping[str, str | None]  # None: must be given
    states: Mapping[str, State]
    jobs: Mapping[str, Item]  # by path
    scripts: Mapping[str, str]  # by path: sha256
    locks: Sequence[str] = ()  # paths

    @property
    def signals(self) -> list[str]:
        return [state.text("signal") for state in self.states.values() if state.kind is Kind.SIGNAL]


def pack(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":"), allow_nan=False, ensure_ascii=True).encode()


def read(document: Document) -> Definition:
    """The definition of a document."""
    fields = document["fields"]
    states = {}
    for name, told in document["states"].items():
        kind = kind_of(told)
        assert kind is not None, name  # the language has checked it
        states[name] = State(name, kind, told)
    return Definition(
        document=document,
        digest=sha256(pack(document)).hexdigest(),
        path=document["path"],
        start=fields["start"],
        timeout=float(fields["timeout"]),
        most_steps=int(fields["most steps"]),
        params=fields["params"],
        states=states,
        jobs={path: Item(**told) for path, told in document["jobs"].items()},
        scripts=document["scripts"],
        locks=fields.get("locks", []),
    )


def document_of(item: Item, states: Sequence[Item], jobs: Mapping[str, Item], scripts: Mapping[str, str]) -> Document:
    """What a run of a procedure is pinned to. `jobs` and `scripts` are all that there are; those it names are kept."""
    words = {*WORDS, *Kind}
    own = {
        state.key: {name: value for name, value in state.fields.items() if name in words and _says(value)}
        for state in states
    }
    named = [str(fields[word]) for fields in own.values() for word in ("task", "compensate", "enter", "exit")
             if word in fields]  # fmt: skip
    used = {path: jobs[path] for path in sorted(set(named)) if path in jobs}
    encrypted = [one.where for job in used.values() for one in secrets_of(job) if one.kind == "age"]
    paths = (
        [*encrypted]
        + [job.fields.get("script") for job in used.values()]
        + [fields.get("check") for fields in own.values()]
    )
    about = {name: item.fields[name] for name in ("title", "params", "start", "timeout", "most steps")}
    if item.fields.get("locks"):
        about["locks"] = item.fields["locks"]
    return {
        "path": item.path,
        "fields": about,
        "states": own,
        "jobs": {path: _told(job) for path, job in used.items()},
        "scripts": {path: scripts[path] for path in sorted({str(path) for path in paths if path}) if path in scripts},
    }


def _says(value: Value) -> bool:
    return value is not None and value != [] and value != {}


def _told(item: Item) -> Document:
    return {
        "path": item.path, "package": item.package, "section": item.section, "process": item.process,
        "key": item.key, "layers": dict(item.layers), "fields": dict(item.fields),
    }  # fmt: skip
