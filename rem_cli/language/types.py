"""What a field's value may be: each type reads a value and saves it, or says what is wrong and how to mend it.

Types are items of data: name, what they are based on, limits, examples. Those whose reading is code are named there as
`process: builtin NAME`; the code is the functions below. A type of a package is one of these with limits of its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rem_cli.language import Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.names import nearest
from rem_cli.language.shown import archives as spans
from rem_cli.language.shown import duration


@dataclass(frozen=True)
class Type:
    """One type with its limits."""

    name: str
    read: Callable[[At, Type], Value]
    process: str = ""  # the name of `read` among READERS; a type that is based on another keeps it
    info: str = ""
    widget: str = "text"
    of: Type | None = None  # list of, map of
    to: str | None = None  # ref to
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    file: bool = False  # the path of a file of the repository that must be there
    good: tuple[Any, ...] = field(default=(), repr=False)
    bad: tuple[Any, ...] = field(default=(), repr=False)

    def limited(self, **limits: Any) -> Type:
        return replace(self, **limits)

    @property
    def title(self) -> str:
        """For people: 'list of label', 'ref to jobs'."""
        return f"{self.name} {self.of.title}" if self.of else f"{self.name} {self.to}" if self.to else self.name


def _text(raw: At, type: Type) -> str:
    text = raw.written()
    if type.least is not None and len(text) < type.least:
        raise Misfit(f"'{raw.shown}' has {_characters(text)}, fewer than {type.least:g}")
    if type.most is not None and len(text) > type.most:
        raise Misfit(f"'{raw.shown}' has {_characters(text)}, more than {type.most:g}")
    if type.choices and text not in type.choices:
        return _choice(raw, type)
    return text


def _characters(text: str) -> str:
    return "1 character" if len(text) == 1 else f"{len(text):,} characters"


def _label(raw: At, type: Type) -> str:
    text = _text(raw, type)
    if not text.strip() or text != text.strip():
        raise Misfit("a label is not empty and has no blanks at its ends")
    if "\n" in text or len(text) > 200:
        raise Misfit("a label is one line of at most 200 characters")
    return text


def _number(raw: At, type: Type) -> int | float:
    value = raw.data
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Misfit(f"'{raw.shown}' is not a number", "a number like 12 or 0.5, without quotes or unit")
    if not math.isfinite(value):
        raise Misfit(f"'{raw.shown}' is not a finite number")
    return _within(value, type, raw.shown)


def _within(value: int | float, type: Type, shown: str) -> int | float:
    if type.least is not None and value < type.least:
        raise Misfit(f"{shown} is less than {limit(type, type.least)}", _range(type))
    if type.most is not None and value > type.most:
        raise Misfit(f"{shown} is more than {limit(type, type.most)}", _range(type))
    return value


def _range(type: Type) -> str:
    ends = [f"from {limit(type, type.least)}"] if type.least is not None else []
    return " ".join([*ends, f"to {limit(type, type.most)}"] if type.most is not None else [*ends, "on"])


def limit(type: Type, bound: float) -> str:
    """A bound of a type's range as it would be written."""
    return duration(bound) if type.process == "duration" else f"{bound:g}"


def _count(raw: At, type: Type) -> int:
    value = raw.data
    if isinstance(value, bool) or not isinstance(value, int) or value < 0 or _negative_zero(raw):
        quoted = isinstance(value, str) and value.isascii() and value.isdecimal()
        limits = f"{type.least or 0:g} or more" if type.most is None else f"from {type.least or 0:g} to {type.most:g}"
        hint = f"write {raw.shown} without quotes" if quoted else f"a whole number, {limits}"
        raise Misfit(f"'{raw.shown}' is not a {type.name}", hint)
    if abs(value) > 1 << 53:
        raise Misfit("this count is larger than 9,007,199,254,740,992")
    return int(_within(value, type, raw.shown))


def _negative_zero(raw: At) -> bool:
    return raw.data == 0 and (raw.text or "").startswith("-")


def _boolean(raw: At, type: Type) -> bool:
    if not isinstance(raw.data, bool):
        hint = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(raw.data).lower())
        raise Misfit(f"'{raw.shown}' is not true or false", f"write {hint}" if hint else "write true or false")
    return raw.data


def _choice(raw: At, type: Type) -> str:
    text = raw.written()
    if text not in type.choices:
        near = nearest(text, type.choices)
        listed = ", ".join(type.choices)
        raise Misfit(f"'{text}' is not one of {listed}", f"did you mean '{near}'?" if near else None)
    return text


def _list(raw: At, type: Type) -> Value:
    if not isinstance(raw.data, list):
        raise Misfit(f"this is {raw.kind}, not a list", f"write [{raw.shown}]" if raw.text else "write [a, b]")
    return [_inner(raw.child(number), type) for number in range(len(raw.data))]


def _map(raw: At, type: Type) -> Value:
    if not isinstance(raw.data, dict):
        raise Misfit(f"this is {raw.kind}, not a mapping", "write {name: value}")
    return {key: None if raw.data[key] is None else _inner(raw.child(key), type) for key in raw.data}


def _inner(raw: At, type: Type) -> Value:
    assert type.of is not None
    try:
        return type.of.read(raw, type.of)
    except Misfit as misfit:
        misfit.at = misfit.at or raw
        raise


_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(ms|s|m|h|d|w|y)").match
_DURATIONS = re.compile(r"([0-9]{1,12}(\.[0-9]{1,9})?(ms|s|m|h|d|w|y)){1,7}").fullmatch
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


def seconds(text: str) -> float | int:
    """`90s`, `1h30m`, `500ms`, `7d` as seconds; a year is 365 days. Misfit."""
    at, total = 0, 0.0
    while at < len(text):
        part = _DURATION(text, at)
        if not part and text.isdecimal():
            raise Misfit(f"'{text}' has no unit", f"write {text}s or {text}m")
        if not part:
            joined = "".join(text.split())
            hint = f"write {joined}" if _DURATIONS(joined) else "a number with its unit, like 90s, 5m, 2h or 7d"
            raise Misfit(f"'{text[:80]}' is not a duration", hint)
        total += float(part[1]) * _SECONDS[part[2]]
        at = part.end()
    if not text:
        raise Misfit("a duration is not empty", "a number with its unit, like 90s, 5m, 2h or 7d")
    return int(total) if total == int(total) else round(total, 3)


def _duration(raw: At, type: Type) -> float | int:
    if isinstance(raw.data, (int, float)) and not isinstance(raw.data, bool):
        hint = f"write {raw.data:g}s or {raw.data:g}m" if raw.data > 0 else "write 90s, 5m, 2h or 7d"
        raise Misfit(f"{raw.shown} has no unit", hint)
    return _within(seconds(raw.written()), type, raw.shown)


_BYTES = re.compile(r"([0-9]{1,16}(?:\.[0-9]{1,9})?)\s*(B|[kKMGT]i?B?)?\Z").match
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def _bytes(raw: At, type: Type) -> int:
    text = raw.written()
    found = _BYTES(text)
    if not found:
        raise Misfit(f"'{text}' is not an amount of bytes", "a number with its unit, like 512 MiB or 20 GB")
    unit = (found[2] or "B").rstrip("B")
    return int(float(found[1]) * (1024 if unit.endswith("i") else 1000) ** _POWERS[unit.rstrip("i").lower()])


def _percent(raw: At, type: Type) -> float:
    found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*%", raw.written())
    if not found:
        raise Misfit(f"'{raw.shown}' is not a percentage", "a number and %, like 99.9%")
    return float(_within(float(found[1]), type, raw.shown))


def _command(raw: At, type: Type) -> Value:
    if isinstance(raw.data, str):
        words = ", ".join(_quoted(word) for word in raw.data.split())
        raise Misfit("a command is a list of arguments, so that no shell can misread it", f"write [{words}]")
    if not isinstance(raw.data, list) or not raw.data:
        raise Misfit(f"this is {raw.kind}, not a command", "a list of arguments, like [uptime, -p]")
    words_read: list[Value] = []
    for one in map(raw.child, range(len(raw.data))):
        if one.data is None or isinstance(one.data, (list, dict)):
            raise Misfit(f"an argument is a text, not {one.kind}", 'put it in quotes: ""')
        words_read.append(one.written())
    return words_read


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w./=:@%+-]*[\w./=%+]", word) and not re.match(r"[-.\d]*\Z", word) else f'"{word}"'


def _path(raw: At, type: Type) -> str:
    """A path below the file that holds it; what leaves the repository is refused before it is looked at."""
    text = raw.written()
    if not text or text.startswith(("/", "~", "$")) or "\\" in text or any(ord(c) < 32 for c in text):
        raise Misfit(f"'{raw.shown}' is not a path inside the repository",
                     "a relative path with '/', beside the file that names it")  # fmt: skip
    return text


def _pairs(raw: At, type: Type) -> Value:
    """Whisper archives, `60s:7d, 5m:90d`: a value every STEP, kept for SPAN; saved as [[step, span], …] in seconds."""
    parts = raw.data if isinstance(raw.data, list) else [p.strip() for p in raw.written().split(",")]
    archives: list[Any] = []
    for part in parts:
        step, colon, span = str(part).partition(":")
        if not colon:
            raise Misfit(f"'{part}' is not a retention", "STEP:SPAN, like 60s:7d")
        archives.append([int(seconds(step)), int(seconds(span))])
    problem = type_problem(archives)
    if problem:
        sorts = archives != (better := sorted(archives)) and not type_problem(better)
        raise Misfit(problem, f'write "{spans(better)}"' if sorts else "finest first, like 60s:7d, 5m:90d, 1h:5y")
    return archives


def type_problem(archives: list[Any]) -> str | None:
    """What keeps archives from being a Whisper file; None when they can be one."""
    before: list[int] | None = None
    for step, span in archives:
        if step < 1 or span < 2 * step:
            return f"an archive of {span} s holds no two steps of {step} s"
        if span % step:
            return f"{span} s is no whole number of steps of {step} s"
        if before and (step % before[0] or step == before[0]):
            return f"a step of {step} s is no multiple of the finer {before[0]} s"
        if before and span <= before[1]:
            return "a coarser archive reaches further back than a finer one"
        if before and before[1] < step:
            return f"the finer archive is too short to fill one step of {step} s"
        before = [step, span]
    return None


def _ref(raw: At, type: Type) -> str:
    text = raw.written().strip("/")
    if text.count("/") < 1 or "//" in text:
        raise Misfit(f"'{text}' is not the path of an item", f"like {type.to or 'section'}/group/name")
    return text


class Matching:
    """Reads a text of one form. The patterns are ours and linear."""

    def __init__(self, pattern: str, what: str, hint: str) -> None:
        self.pattern = re.compile(pattern)
        self.what = what
        self.hint = hint

    def __call__(self, raw: At, type: Type) -> str:
        text = _text(raw, type)
        if not self.pattern.fullmatch(text):
            raise Misfit(f"'{raw.shown}' is not {self.what}", self.hint)
        return text


_PART = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = rf"(?=.{{1,253}}\Z){_PART}(\.{_PART})*\.?"
_IP6 = r"[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9_.-]{1,15})?"

READERS: Mapping[str, Callable[[At, Type], Value]] = {
    "text": _text,
    "label": _label,
    "number": _number,
    "count": _count,
    "percent": _percent,
    "boolean": _boolean,
    "choice": _choice,
    "list of": _list,
    "map of": _map,
    "duration": _duration,
    "bytes": _bytes,
    "command": _command,
    "path": _path,
    "retention": _pairs,
    "ref to": _ref,
    "hostname": Matching(_HOST, "a host name", "letters, digits, '-' and '.', like web01.example.org"),
    "address": Matching(f"({_HOST})|({_IP6})", "an address", "like 192.0.2.11, 2001:db8::1 or web01.example.org"),
    "login": Matching(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}", "a login name", "like root or deploy"),
    "url": Matching(r"https?://[^\s/$.?#][^\s]{0,2000}", "a web address", "like https://shop.example/health"),
    "email": Matching(r"[^@\s]{1,64}@[^@\s]{1,255}", "a mail address", "like ana@example.org"),
    "time of day": Matching(r"([01][0-9]|2[0-3]):[0-5][0-9]", "a time of day", 'like "08:30", from 00:00 to 23:59'),
    "date": Matching(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", "a date", "like 2026-01-31"),
    "snmp oid": Matching(r"\.?[0-9]+(\.[0-9]+)*|[A-Za-z][\w-]*(::[A-Za-z][\w-]*)?(\.[0-9]+)*", "an SNMP object id",
                          "like 1.3.6.1.2.1.1.3.0 or IF-MIB::ifHCInOctets.2"),
    "host selector": Matching(r"[^\s,][^\n]{0,1000}", "a host selector", "like web*,!web3 or @group or tag=db"),
    "share": Matching(r"[0-9]+|([0-9]|[1-9][0-9]|100)%", "a count or a share", "like 3 or 10%"),
    "secret": Matching(r"(env|file|age):\S.{0,500}", "a reference to a secret",
                        "never the secret itself: env:NAME, file:PATH or age:PATH"),
}  # fmt: skip

ANYTHING = Type("anything", lambda raw, type: raw.data)  # where a definition has a finding of its own
