"""What `rem collect` does. Nothing is loaded that a turn without problems does not need."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from rem_cli import wire
from rem_cli.cli import show
from rem_cli.errors import NoTargetError, Status, UsageError
from rem_cli.reach import Stop

if TYPE_CHECKING:
    from rem_cli.collect.checks import Check
    from rem_cli.collect.gather import Outcome
    from rem_cli.collect.turn import Turn

NAMED = 20  # targets that are named before the rest is counted


def collect(spread: str | None = None, quiet: bool | str = False, format: str = "text") -> int:
    """Make the checks that are due, tell what came of it; the status."""
    from rem_cli.wire import polling

    seconds = _seconds(spread, "--spread") if spread else 0.0
    with wire.open() as rem, _stopping() as stop:
        turn = polling.collect(rem, stop, spread=seconds)
        stopped = stop.asked
    if format == "json":
        show.document("collect", _document(turn))
    elif turn is None:
        if not quiet:
            show.line("another turn is still at work; this one is skipped")
    else:
        _tell(turn, quiet=bool(quiet))
    return Status.INTERRUPTED if stopped else _status(turn)


def explain(host: str, format: str = "text") -> int:
    """Make every check of a host now and show each exchange; the status."""
    from rem_cli.wire import polling

    told: list[str] = []
    with wire.open() as rem, _stopping() as stop:
        found = polling.checks(rem).checks
        chosen = [check for check in found if host in (check.target.name, check.path)]
        if not chosen:
            raise _nobody(host, found)
        outcomes = polling.explain(rem, chosen, told.append if format == "json" else show.line, stop)
    if format == "json":
        show.document("collect-explain", {"exchanges": told, "checks": [_outcome(one) for one in outcomes]})
    else:
        for one in outcomes:
            _tell_one(one)
    bad = [one for one in outcomes if one.reading is None or not one.reading.up]
    return (Status.ALL_FAILED if len(bad) == len(outcomes) else Status.SOME_FAILED) if bad else Status.DONE


def _tell(turn: Turn, *, quiet: bool) -> None:
    for path, error in turn.wrong.items():
        show.note((path, "bold"), f" is not checked: {error.message}")
        if error.hint:
            show.hint(error.hint)
    for name, count in turn.many.items():
        show.note((name, "bold"), f" gives {count:,} numbers, and not all are kept: name those that matter as measures")
    for problem in turn.failed:
        show.note(("series:", "yellow"), f" {problem}")
    if quiet:
        return
    if not turn.outcomes and not turn.cut:
        later = f"; the next in {show.age(turn.next)}" if turn.next is not None else ": no monitor is active"
        show.line(f"nothing is due{later}")
        return
    for one in turn.down[:NAMED]:
        show.line(("down", "red"), f" {one.check.name}: {one.why}")
    for one in turn.unasked[:NAMED]:
        show.line(("not asked", "yellow"), f" {one.check.name}: {one.why}")
    for check in turn.cut[:NAMED]:
        show.line(("not over", "yellow"), f" {check.name}: the turn ended before it did; nothing of it is kept")
    for hint in dict.fromkeys(one.hint for one in (*turn.unasked, *turn.down) if one.hint):
        show.hint(hint)
    show.line(_summary(turn))


def _summary(turn: Turn) -> str:
    said = f"{show.counted(len(turn.outcomes), 'check')} in {show.span(turn.seconds)}"
    for number, what in ((len(turn.down), "down"), (len(turn.unasked), "not asked"), (len(turn.cut), "not over")):
        said += f", {number} {what}" if number else ""
    said += f", {show.counted(turn.samples, 'number')} kept"
    if turn.skipped:
        said += f", {show.counted(turn.skipped, 'turn')} skipped before it"
    slowest = ", ".join(f"{one.check.name} {show.span(one.seconds)}" for one in turn.slowest)
    return f"{said}; slowest: {slowest}"


def _tell_one(one: Outcome) -> None:
    if one.reading is None:
        show.line(("not asked", "yellow"), f" {one.check.name}: {one.why}")
    else:
        state = ("up", "green") if one.reading.up else ("down", "red")
        show.line(state, f" {one.check.name}{': ' if one.why else ''}{one.why}")
        for name, value in one.reading.values.items():
            show.line(f"  {name} {value:g}")
        for name, counter in one.reading.counters.items():
            show.line(f"  {name} counts {counter.value}")
    if one.hint:
        show.hint(one.hint)


def _status(turn: Turn | None) -> Status:
    if turn is None:
        return Status.DONE
    if turn.failed:
        return Status.FAILED
    lacking = len(turn.unasked) + len(turn.cut) + len(turn.wrong)
    if not lacking:
        return Status.DONE
    return Status.SOME_FAILED if len(turn.outcomes) > len(turn.unasked) else Status.ALL_FAILED


def _document(turn: Turn | None) -> dict[str, Any]:
    if turn is None:
        return {"skipped": True, "checks": []}
    return {
        "skipped": False,
        "seconds": turn.seconds,
        "samples": turn.samples,
        "turns skipped before": turn.skipped,
        "next": turn.next,
        "checks": [_outcome(one) for one in turn.outcomes],
        "not over": [check.name for check in turn.cut],
        "wrong": [{"monitor": path, "error": error.message, "hint": error.hint} for path, error in turn.wrong.items()],
        "too many": turn.many,
        "not written": list(turn.failed),
    }


def _outcome(one: Outcome) -> dict[str, Any]:
    reading = one.reading
    return {
        "monitor": one.check.path,
        "target": one.check.target.name,
        "up": reading.up if reading else None,
        "why": one.why,
        "hint": one.hint,
        "seconds": one.seconds,
        "lost percent": one.lost,
        "values": dict(reading.values) if reading else {},
        "counters": {name: counter.value for name, counter in reading.counters.items()} if reading else {},
    }


def _nobody(host: str, found: Sequence[Check]) -> NoTargetError:
    from rem_cli.language.names import nearest

    names = sorted({check.target.name for check in found})
    near = nearest(host, [*names, *(check.path for check in found)])
    hint = f"did you mean {near}?" if near else f"checked are {', '.join(names[:NAMED])}" if names else None
    return NoTargetError(f"no check is made on '{host}'", hint=hint or "rem new monitor")


def _seconds(text: str, option: str) -> float:
    from rem_cli.language import types
    from rem_cli.language.at import Misfit

    try:
        return types.seconds(text)
    except Misfit as misfit:
        raise UsageError(f"{option}: {misfit.message}", hint=misfit.hint) from None


@contextmanager
def _stopping() -> Iterator[Stop]:
    """Ctrl-C and SIGTERM end the turn; what is known by then is kept."""
    stop = Stop()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.ask()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()
