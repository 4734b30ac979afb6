"""Numbers handed over to other stores, from the spool: each sink has its own place in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rem_cli.errors import RemError
from rem_cli.reach import deliver
from rem_cli.series import Sample
from rem_cli.series.query.patterns import matched
from rem_cli.series.samples import decode
from rem_cli.series.sinks import graphite, remote_write
from rem_cli.series.spool import SINK, Position, Spool

if TYPE_CHECKING:
    from rem_cli.language import Item
    from rem_cli.reach import Stop
    from rem_cli.wire import Rem

AT_ONCE = 5000  # samples of one request

Send = Callable[[Sequence[Sample]], None]  # DeliveryError


@dataclass(frozen=True)
class Handed:
    """What became of one sink's samples."""

    sink: str
    samples: int  # that it took
    refused: int = 0  # of requests that it refused for good, after it took what it can of them
    waiting: int = 0  # that wait in the spool
    problem: RemError | None = None


def hand_over(rem: Rem, stop: Stop | None = None) -> list[Handed]:
    """Send each sink of the active generation what it has not got yet. For cron, and for a daemon's duty alike."""
    items = rem.active_source().catalog.of("builtin sinks")
    marks = {SINK + item.key for item in items}
    spool = rem.intake.spool
    for left in set(spool.consumers()) - marks:
        if left.startswith(SINK):
            spool.part(left)  # a sink that is no more holds nothing back
    return [_one(rem, item, stop) for item in items]


def _one(rem: Rem, item: Item, stop: Stop | None) -> Handed:
    mark, spool = SINK + item.key, rem.intake.spool
    sent = refused = waiting = 0
    problem: RemError | None = None
    why: RemError | None = None
    try:
        send = _sender(rem, item)
        if not spool.segments():
            return Handed(item.path, 0)
        with spool.turn(mark):
            if mark not in spool.consumers():  # from now on the spool keeps what it has not got
                spool.reach(mark, Position())
            for position, samples in _batches(spool, mark, _Wanted(_patterns(item))):
                if problem or (stop and stop.asked):
                    waiting += len(samples)
                    continue
                try:
                    for at in range(0, len(samples), AT_ONCE):
                        send(samples[at : at + AT_ONCE])
                    sent += len(samples)
                except deliver.RefusedError as error:  # it took what it can, and never takes the rest
                    refused, why = refused + len(samples), error
                except deliver.DeliveryError as error:
                    problem, waiting = error, len(samples)
                    continue
                spool.reach(mark, position)
    except RemError as error:
        problem = problem or error
    return Handed(item.path, sent, refused, waiting, problem or why)


def _batches(spool: Spool, mark: str, wanted: Callable[[Sample], bool]) -> Iterator[tuple[Position, list[Sample]]]:
    """What a sink has not got yet, each part with the place in the spool behind it."""
    position = begun = spool.reached(mark)
    some: list[Sample] = []
    for after, payload in spool.read(begun):
        some += filter(wanted, decode(payload))
        position = after
        if len(some) >= AT_ONCE:
            yield position, some
            some = []
    if position != begun:
        yield position, some


class _Wanted:
    """Whether a sink wants a sample."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._known: dict[str, bool] = {}

    def __call__(self, sample: Sample) -> bool:
        name = sample.series
        if name not in self._known:
            self._known[name] = any(matched(pattern, [name], lambda selector: [selector]) for pattern in self._patterns)
        return self._known[name]


def _sender(rem: Rem, item: Item) -> Send:
    """What sends samples to a sink; SecretError."""
    fields = item.fields
    prefix, timeout = str(fields.get("prefix") or ""), float(str(fields.get("timeout") or 10))
    if fields.get("graphite"):
        form = graphite.pickled if fields.get("format") == "pickle" else graphite.lines
        host, port = str(fields["graphite"]), int(str(fields.get("port")))
        return lambda samples: deliver.stream(host, port, form(samples, prefix), timeout=timeout)
    headers = dict(remote_write.HEADERS)
    reference = fields.get("credentials")
    if isinstance(reference, str):
        from rem_cli.wire.polling import lent

        headers["Authorization"] = f"Bearer {lent(rem, reference)}"
    post = partial(deliver.post, str(fields.get("remote write")), headers=headers, timeout=timeout)
    return lambda samples: post(remote_write.body(samples, prefix))


def _patterns(item: Item) -> list[str]:
    said = item.fields.get("series")
    return [str(pattern) for pattern in said] if isinstance(said, list) else []
