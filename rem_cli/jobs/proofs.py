"""What can be proved of a job before it ever runs, beyond the forms of its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rem_cli.errors import Place
from rem_cli.jobs.retry import BEGUN, CLASSES
from rem_cli.jobs.tested import NAMES, tests_of
from rem_cli.language import Finding
from rem_cli.language.held import Held
from rem_cli.language.names import nearest

Names = Callable[[str], Sequence[str]]  # that an expression rests on


def prove(job: Held, names: Names) -> Iterator[Finding]:
    """Every finding of one job."""
    yield from _retried(job)
    yield from _worked(job)
    for place, test in enumerate(tests_of(job.item)):
        for name in dict.fromkeys(names(test.condition)) if test.condition else ():
            if name not in NAMES:
                text = f"'{name}' is nothing that a test knows: {', '.join(NAMES)}"
                near = nearest(name, NAMES)
                hint = f"did you mean '{near}'?" if near else f"what the program told is in data: data.{name}"
                yield Finding("REM2601", text, _place(job, "tests", place, "condition"), hint)


def _retried(job: Held) -> Iterator[Finding]:
    """Ends that are to be tried again, and are none or may not be."""
    field = job.item.fields.get("retry")
    errors: Any = field["errors"] if isinstance(field, dict) else []
    for place, error in enumerate(errors):
        where = _place(job, "retry", "errors", place)
        if error not in CLASSES:
            near = nearest(error, CLASSES)
            hint = f"did you mean '{near}'?" if near else f"one of {', '.join(CLASSES)}"
            yield Finding("REM2602", f"'{error}' is no way in which a host ends that can be tried again", where, hint)
        elif error in BEGUN and job.item.fields.get("idempotent") is not True:
            text = f"what ended as '{error}' may have been done, and nothing says that doing it twice does no harm"
            yield Finding("REM2603", text, where, "idempotent: true, where that is so; else take it out")


def _worked(job: Held) -> Iterator[Finding]:
    """Queues that are handled in a way that cannot be right."""
    fields, name = job.item.fields, job.item.key
    queue = fields.get("input")
    if queue is None:
        if fields.get("distribute") == "split":
            hint = "input: a queue; or distribute: any one"
            yield Finding("REM2605", f"'{name}' has no messages to split", _place(job, "distribute"), hint)
        return
    if fields.get("idempotent") is not True:
        text = f"a queue hands a message out at least once, and '{name}' does not say that twice does no harm"
        yield Finding("REM2604", text, _place(job, "input"), "let it bear being done twice, then: idempotent: true")
    if fields.get("stdin") == "params":
        text = "standard input is the message of the queue, and cannot be the parameters as well"
        yield Finding("REM2606", text, _place(job, "stdin"), "they are in REM_PARAM_… all the same")
    if fields.get("output") == queue:
        text = f"'{name}' would handle its own results for ever"
        yield Finding("REM2607", text, _place(job, "output"), "another queue")
    params = fields.get("params")
    missing = [one for one, value in params.items() if value is None] if isinstance(params, dict) else []
    if missing:
        text = f"nobody gives '{name}' its parameter '{missing[0]}': its messages are all that it gets"
        yield Finding("REM2608", text, _place(job, "params", missing[0]), "give it a default")


def _place(job: Held, name: str, *path: str | int) -> Place:
    """Where a value within a field is written; the item's key where the field comes from elsewhere."""
    at = job.own.get(name)
    if at is None:
        return job.at.key_place
    for step in path:
        steps = range(len(at.data)) if isinstance(at.data, list) else at.data if isinstance(at.data, dict) else ()
        if step not in steps:
            break
        at = at.child(step)
    return at.place
