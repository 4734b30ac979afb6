"""From look to look: how long it was bad, how long well again, what missing numbers and errors count as.

Time that nobody looked counts as neither: where the last look is more than two intervals ago, or showed no number, the
clocks of `for` and `recover for` stop and go on. So a night through which REM was down wakes nobody in the morning.
"""

from __future__ import annotations

from dataclasses import replace

from rem_cli.sla import Event, Rule, Seen, Sight, Standing, State, Verdict

MISSED = 2  # intervals; after a longer gap nobody knows what was in it
_NUMBERS = (Sight.WELL, Sight.BETWEEN, Sight.BAD)


def look(rule: Rule, was: Standing, seen: Seen, at: float) -> Verdict:
    """The verdict after one more look. One that is no later than the last changes nothing: what was said was said."""
    events: list[Event] = []
    if was.digest not in ("", rule.digest):
        if was.state is State.BREACHED:
            events.append(Event("superseded", "the rule looks at something else now"))
        was = Standing()
    if was.at is not None and at <= was.at:
        return Verdict(was)
    now = replace(was, at=at, sight=seen.sight, digest=rule.digest, sampled=_newest(was, seen))
    if was.since is None:
        now = replace(now, since=at)
    if seen.sight in _NUMBERS:
        events += _back(was)
        passed = at - was.at if was.at is not None and was.sight in _NUMBERS else 0.0
        now, event = _numbers(rule, now, seen, at, passed if passed <= MISSED * rule.every else 0.0)
    elif seen.sight is Sight.NOTHING:
        now, event = _nothing(rule, was, now, seen, at)
        events += [Event("no data", seen.why)] if was.sight is not Sight.NOTHING else []
    else:
        event = Event(str(seen.sight), seen.why) if was.sight is not seen.sight else None
    return Verdict(now, (*events, event) if event else tuple(events))


def _newest(was: Standing, seen: Seen) -> float | None:
    times = [one for one in (was.sampled, seen.sampled) if one is not None]
    return max(times) if times else None


def _back(was: Standing) -> list[Event]:
    """Numbers are there again."""
    if was.sight is Sight.NOTHING:
        return [Event("data again", "numbers are there again")]
    return [Event("error over", "it can be looked at again")] if was.sight in (Sight.ERROR, Sight.UNKNOWN) else []


def _numbers(rule: Rule, now: Standing, seen: Seen, at: float, passed: float) -> tuple[Standing, Event | None]:
    bad = seen.sight is Sight.BAD
    if now.state is State.BREACHED:
        return _breached(rule, now, seen, at, passed)
    if not bad:
        if now.state is State.PENDING:
            return replace(now, state=State.OK, since=at, held=0.0), Event("reset", seen.why)
        return now, None
    first = now.state is State.OK
    held = 0.0 if first else now.held + passed
    if held >= rule.hold:
        return replace(now, state=State.BREACHED, since=at, held=0.0, well=None), Event("breached", seen.why)
    if first:
        return replace(now, state=State.PENDING, since=at, held=0.0), Event("pending", seen.why)
    return replace(now, held=held), None


def _breached(rule: Rule, now: Standing, seen: Seen, at: float, passed: float) -> tuple[Standing, Event | None]:
    if seen.sight is not Sight.WELL:
        return replace(now, well=None), None
    well = 0.0 if now.well is None else now.well + passed
    if well >= rule.recover:
        return replace(now, state=State.OK, since=at, well=None), Event("recovered", seen.why)
    return replace(now, well=well), None


def _nothing(rule: Rule, was: Standing, now: Standing, seen: Seen, at: float) -> tuple[Standing, Event | None]:
    """Missing for long enough, counted from the last number, it is what the rule says; before that all stays."""
    last = now.sampled if now.sampled is not None else was.since if was.since is not None else at
    if at - last < rule.no_data_for or rule.no_data == "keep":
        return now, None
    if rule.no_data == "alert" and now.state is not State.BREACHED:
        return replace(now, state=State.BREACHED, since=at, held=0.0, well=None), Event("breached", seen.why)
    if rule.no_data == "ok" and now.state is not State.OK:
        what = "recovered" if now.state is State.BREACHED else "reset"
        return replace(now, state=State.OK, since=at, held=0.0, well=None), Event(
            what, f"{seen.why}, which counts as ok"
        )
    return now, None
