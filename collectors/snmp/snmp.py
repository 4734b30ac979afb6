"""What an agent of SNMP counts: the objects that a check names, or all interfaces of a machine.

sysUpTime is asked in the same message as counters, so that a machine which started anew makes no false rate; and so is
the name of an interface, by which its numbers are kept: indexes move when a card is put in.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple

from rem_cli.collect import CollectError, Conversation, Counter, NoAnswer, Reading, Target
from rem_cli.collect.objects import numbers
from rem_cli.reach.asks import Community, Failed, ForeignGet, Get, Got, User, Varbind
from rem_cli.reach.snmp import ber

UPTIME = ber.oid("1.3.6.1.2.1.1.3.0")
AT_ONCE = 25  # objects of one message: what fits into 1,400 bytes
ROWS = 10  # of all columns in one message
MOST_ROWS = 10_000
TOO_BIG, NO_SUCH_NAME = 1, 2
ERRORS = ("", "the answer would be too big", "no such object", "a bad value", "read only", "the agent failed")
DIGESTS = {
    "MD5": "md5", "SHA": "sha1", "SHA-224": "sha224", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512",
}  # fmt: skip
FOREIGN = ("AES", "AES-192", "AES-256", "DES", "3DES")  # ciphers that pysnmp knows
TABLE, MORE = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
# Columns of an interface: its name, its speed, and those that are kept, by what their numbers are called.
KEPT = {
    "received errors": f"{TABLE}.14",
    "sent errors": f"{TABLE}.20",
    "received drops": f"{TABLE}.13",
    "sent drops": f"{TABLE}.19",
    "up": f"{TABLE}.8",
}


class Shape(NamedTuple):
    """Where an agent has what is asked of an interface."""

    name: str
    speed: str
    unit: int  # bits a second of one of its speed
    columns: Mapping[str, str]


NEW = Shape(f"{MORE}.1", f"{MORE}.15", 1_000_000, {"received bytes": f"{MORE}.6", "sent bytes": f"{MORE}.10", **KEPT})
OLD = Shape(f"{TABLE}.2", f"{TABLE}.5", 1, {"received bytes": f"{TABLE}.10", "sent bytes": f"{TABLE}.16", **KEPT})


def collect(target: Target) -> Conversation:
    """The objects named under `oids` or `oid`; without either, every interface by its name."""
    who = identity(target)
    wanted = {name: _oid(text) for name, text in target.table("oids").items()}
    if single := target.text("oid"):
        wanted["value"] = _oid(single)
    if wanted:
        return (yield from _objects(target, who, wanted))
    for shape in (OLD,) if target.text("version") == "v1" else (NEW, OLD):
        found = yield from _interfaces(target, who, shape)
        if found is not None:
            return found
    return Reading({}, up=False, why="the agent names no interface")


def _objects(target: Target, who: Community | User, wanted: dict[str, bytes]) -> Conversation:
    values: dict[str, float] = {}
    counters: dict[str, Counter] = {}
    uptime = None
    names = list(wanted)
    missing = []
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        told = yield from _get(target, who, [UPTIME, *(wanted[name] for name in some)])
        found = {name: (tag, value) for name, tag, value in told}
        tag, ticks = found.get(UPTIME, (0, 0))
        if tag == ber.TICKS and isinstance(ticks, int) and uptime is None:
            uptime = ticks
        for name in some:
            tag, value = found.get(wanted[name], (ber.NO_OBJECT, b""))
            _put(name, tag, value, values, counters)
            if name not in values and name not in counters:
                missing.append(name)
    if missing and not values and not counters:
        return Reading({}, up=False, why=f"the agent has no number for {', '.join(missing)}")
    return Reading(values, counters, uptime)


def _put(name: str, tag: int, value: int | bytes, values: dict[str, float], counters: dict[str, Counter]) -> None:
    """A value among the measures; text that is a number counts as one, as laLoad has it."""
    if tag in (ber.COUNTER32, ber.COUNTER64) and isinstance(value, int):
        counters[name] = Counter(value, 32 if tag == ber.COUNTER32 else 64)
    elif isinstance(value, int):
        values[name] = float(value)
    elif tag == ber.STRING:
        try:
            values[name] = float(value)
        except ValueError:
            return


def _get(target: Target, who: Community | User, oids: Sequence[bytes]) -> Generator[Any, Any, Sequence[Varbind]]:
    """Objects by name: those that do not exist are left out, and what is too big is asked in halves."""
    left = list(oids)
    while left:
        got: Got = yield ask(target, tuple(left), who)
        if not got.error:
            return got.varbinds
        if got.error == NO_SUCH_NAME and 0 < got.at <= len(left):
            del left[got.at - 1]  # version 1 answers nothing where one is missing
        elif got.error == TOO_BIG and len(left) > 1:
            half = len(left) // 2
            first = yield from _get(target, who, left[:half])
            return [*first, *(yield from _get(target, who, left[half:]))]
        else:
            raise NoAnswer(Failed(ERRORS[got.error] if got.error < len(ERRORS) else f"error {got.error}"))
    return []


def _interfaces(target: Target, who: Community | User, shape: Shape) -> Generator[Any, Any, Reading | None]:
    """Columns of all interfaces side by side, a few rows in a message; kept by index, for a cell may be missing."""
    columns = [ber.oid(text) for text in (shape.name, shape.speed, *shape.columns.values())]
    table: list[dict[bytes, Varbind]] = [{} for _ in columns]
    last, rows = b"", ROWS
    uptime: int | None = None
    while len(table[0]) < MOST_ROWS:
        oids = (UPTIME[:-1], *(column + last for column in columns))
        got: Got = yield ask(target, oids, who, rows, 1)
        if got.error == TOO_BIG and rows > 1:
            rows //= 2
            continue
        if got.error == NO_SUCH_NAME:
            break  # so version 1 says that there is no more
        if got.error:
            raise NoAnswer(Failed(ERRORS[got.error] if got.error < len(ERRORS) else f"error {got.error}"))
        if uptime is None and got.varbinds and isinstance(got.varbinds[0][2], int):
            uptime = got.varbinds[0][2]
        found = _cells(got.varbinds[1:], columns, table)
        if not found:
            break
        if ber.arcs(found) <= ber.arcs(last):
            raise NoAnswer(Failed("the agent's names do not grow: it would go on for ever"))
        last = found
    return _reading(table, uptime, shape) if table[0] else None


def _cells(told: Sequence[Varbind], columns: Sequence[bytes], table: Sequence[dict[bytes, Varbind]]) -> bytes:
    """Put what was told into its columns; the index of the last name among it, empty when the names have ended."""
    last = b""
    for number, one in enumerate(told):
        at = number % len(columns)
        if one[0].startswith(columns[at]) and one[1] != ber.END_OF_VIEW:
            index = one[0][len(columns[at]) :]
            table[at][index] = one
            last = index if at == 0 else last
        elif at == 0:
            return b""
    return last


def _reading(table: Sequence[dict[bytes, Varbind]], uptime: int | None, shape: Shape) -> Reading:
    """The numbers of every interface, by its name; of two with one name the later has its index as well."""
    values: dict[str, float] = {"interfaces": float(len(table[0]))}
    counters: dict[str, Counter] = {}
    seen: set[str] = set()
    for index, (_, _, told) in table[0].items():
        number = ".".join(map(str, ber.arcs(index)))
        name = told.decode("utf-8", "replace").strip("\0 ") if isinstance(told, bytes) else ""
        name = f"{name} #{number}" if name in seen else name or number
        seen.add(name)
        speed = table[1].get(index, (b"", 0, 0))[2]
        most = speed * shape.unit / 8 * 1.1 if isinstance(speed, int) else 0  # some count a little more
        for what, column in zip(shape.columns, table[2:], strict=True):
            _, tag, value = column.get(index, (b"", 0, b""))
            if not isinstance(value, int):
                continue
            if what == "up":
                values[f"{name} up"] = float(value == 1)
            else:
                bits = 32 if tag == ber.COUNTER32 else 64
                counters[f"{name} {what}"] = Counter(value, bits, most or None if "bytes" in what else None)
    return Reading(values, counters, uptime)


def ask(
    target: Target, oids: tuple[bytes, ...], who: Community | User, rows: int = 0, once: int = 0
) -> Get | ForeignGet:
    """A question, by the engine that the check names."""
    kind = ForeignGet if target.text("engine") == "pysnmp" else Get
    return kind(target.address, oids, who, target.count("port", 161), target.timeout, rows, once)


def identity(target: Target) -> Community | User:
    """Who asks. Credentials are a community; for version 3 `USER`, `USER SHA PASSWORD` or that with `AES PASSWORD`."""
    version = target.text("version", "v2c")
    if version != "v3":
        return Community(1 if version == "v1" else 2, (target.secret or "public").encode())
    words = target.secret.split()
    ciphers = FOREIGN if target.text("engine") == "pysnmp" else ("AES",)
    known = (
        len(words) in (1, 3, 5) and (len(words) < 3 or words[1] in DIGESTS) and (len(words) < 5 or words[3] in ciphers)
    )
    if not known:
        hint = f"USER {'|'.join(DIGESTS)} PASSWORD {'|'.join(ciphers)} PASSWORD; what follows USER may be left out"
        raise CollectError("its credentials are none of SNMP version 3", hint=hint)
    user, _, password, cipher, secret = (*words, "", "", "", "")[:5]
    digest = DIGESTS[words[1]] if password else ""
    return User(user.encode(), digest, password.encode(), secret.encode(), cipher or "AES")


def _oid(text: str) -> bytes:
    try:
        return ber.oid(numbers(text))
    except KeyError as error:
        near = error.args[0]
        hint = f"did you mean {near}?" if near else "write it by numbers, as snmptranslate -On does"
        raise CollectError(f"{text} is no object whose name is known here", hint=hint) from None
    except ValueError as error:
        raise CollectError(str(error)) from None
