"""Conditions, read by the library that knows them."""

from __future__ import annotations

from collections.abc import Mapping

from rem_cli.language import Value


def evaluate(text: str, data: Mapping[str, Value]) -> Value:
    """An expression's value; ProcedureError when it has none."""
    from rem_cli.language.at import Misfit
    from rem_cli.plugins import conditions
    from rem_cli.procedures import ProcedureError

    try:
        return conditions.evaluate(text, data)
    except Misfit as misfit:
        raise ProcedureError(misfit.message) from None
