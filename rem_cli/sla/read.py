"""Items of service levels as rules, and how they are looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from rem_cli.jobs.fields import Fields
from rem_cli.language import Item, Value
from rem_cli.sla import Rule
from rem_cli.sla.judge import Tolerance

EVERY = 60.0  # seconds, where what it is about says nothing
TESTS = ("of", "field", "out of tolerance", "back in tolerance", "condition", "test script")


@dataclass(frozen=True)
class Level:
    """One service level."""

    rule: Rule
    title: str
    of: str  # the path of a check, a job, a series or a role account
    field: str
    out: Tolerance | None
    back: Tolerance | None
    condition: str | None
    script: str | None  # a path from the repository's root
    alert: str | None
    objective: float | None  # percent

    @property
    def tests(self) -> bool:
        """Whether there is anything to look at."""
        return self.out is not None or self.condition is not None or self.script is not None


def level(item: Item, every: float = EVERY, field: str = "") -> Level:
    """What an item says; `every` is how often what it is about is measured, `field` what is meant by none."""
    fields = Fields(item)
    return Level(
        rule=rule(item.path, item.fields, every),
        title=fields.text("title") or item.key,
        of=fields.text("of") or "",
        field=fields.text("field") or field,
        out=tolerance(item.fields.get("out of tolerance")),
        back=tolerance(item.fields.get("back in tolerance")),
        condition=fields.text("condition"),
        script=fields.text("test script"),
        alert=fields.text("alert"),
        objective=fields.seconds("objective"),
    )


def rule(path: str, fields: Mapping[str, Value], every: float) -> Rule:
    """How looks make a breach. Its digest is of what it looks at, so that another `for` is no other rule."""
    said: Any = {name: fields.get(name) for name in TESTS}
    digest = sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
    times: Any = fields
    return Rule(
        path=path,
        digest=digest,
        every=every,
        hold=float(times.get("for") or 0),
        recover=float(times.get("recover for") or 0),
        no_data=str(times.get("no data") or "keep"),
        no_data_for=float(times.get("no data for") or 0),
    )


def tolerance(value: Value) -> Tolerance | None:
    """A tolerance as its type saves it."""
    told: Any = value
    return Tolerance(told["is"], tuple(map(float, told["bounds"]))) if told else None
