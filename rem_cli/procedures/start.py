"""What a run begins with."""

from __future__ import annotations

from collections.abc import Sequence

from rem_cli.errors import UsageError
from rem_cli.language.names import nearest
from rem_cli.procedures.definition import Definition


def params_of(definition: Definition, given: Sequence[str]) -> dict[str, str]:
    """The value of every parameter: what is given as `name=value`, else the default; UsageError."""
    values = dict(definition.params)
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"'{one}' is no parameter", hint="--param name=value")
        if name not in values:
            near = nearest(name, values)
            listed = f"its parameters: {', '.join(values)}" if values else "it has none"
            hint = f"did you mean {near}?" if near else listed
            raise UsageError(f"{definition.path} has no parameter '{name}'", hint=hint)
        values[name] = value
    missing = [name for name, value in values.items() if value is None]
    if missing:
        hint = " ".join(f"--param {name}=…" for name in missing)
        raise UsageError(f"{definition.path} must be given {', '.join(missing)}", hint=hint)
    return {name: value for name, value in values.items() if value is not None}
