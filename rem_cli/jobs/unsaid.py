"""How a program ended and what came of it, without the secrets that it was given."""

from __future__ import annotations

from dataclasses import replace

from rem_cli.jobs import Measure, Result
from rem_cli.language import Value
from rem_cli.reach import End
from rem_cli.secrets.redact import Redactor


def without_secrets(end: End, redactor: Redactor) -> End:
    """An end whose words and result file hold none."""
    if not redactor:
        return end
    return replace(
        end,
        why=redactor.text(end.why),
        hint=redactor.text(end.hint) if end.hint else end.hint,
        result=redactor.data(end.result) if end.result else end.result,
    )


def result_without_secrets(result: Result, redactor: Redactor) -> Result:
    """A result whose names and texts hold none, also where the document wrote them in escapes of its own."""
    if not redactor:
        return result
    measures = {
        redactor.text(name): Measure(one.value, redactor.text(one.unit)) for name, one in result.measures.items()
    }
    return Result(measures, _without(result.data, redactor), redactor.text(result.note))


def _without(value: Value, redactor: Redactor) -> Value:
    match value:
        case str():
            return redactor.text(value)
        case dict():
            return {redactor.text(key): _without(one, redactor) for key, one in value.items()}
        case list():
            return [_without(one, redactor) for one in value]
        case _:
            return value
