"""What the language cannot read or prove by itself: types whose reading needs a library, through the same door as
those of plug-ins, and what must hold of whole items.

Nothing here is imported before a value of such a type is read, or such an item found.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from rem_cli.language.types import CodeError, CodeType, Type, reading

if TYPE_CHECKING:
    from rem_cli.language import Finding, Item, Value
    from rem_cli.language.across import Unkept
    from rem_cli.language.at import At
    from rem_cli.language.held import Held
    from rem_cli.language.packages import Proof

# Types of packages/base/types.yaml, each with the module that reads it as TYPE.
OWN = {
    "time zone": "rem_cli.plugins.zones",
    "condition": "rem_cli.plugins.conditions",
    "public holidays": "rem_cli.plugins.places",
}


def own() -> Mapping[str, Callable[[At, Type], Value]]:
    """Readers of REM's own types that need a library; each is loaded with the first value."""
    return {name: reading(partial(_load, module)) for name, module in OWN.items()}


def proofs() -> Mapping[str, Proof]:
    """What must hold of items with others inside of them, by what the engine does with them."""
    return {
        "builtin procedures": _procedure,
        "builtin jobs": _job,
        "builtin monitors": _monitor,
        "builtin role accounts": _role_account,
        "builtin sinks": _sink,
    }


def keeping(job: Item, hosts: Sequence[Item]) -> Iterable[Unkept]:
    """What hosts cannot keep of a job that they start by themselves."""
    from rem_cli.jobs.locally.keeping import keeping

    return keeping(job, hosts)


def _procedure(held: Held, states: Sequence[Held]) -> Iterable[Finding]:
    from rem_cli.plugins.conditions import names
    from rem_cli.procedures.proofs import prove

    return prove(held, states, names)


def _job(held: Held, inner: Sequence[Held]) -> Iterable[Finding]:
    if not any(held.item.fields.get(name) for name in ("tests", "retry", "input", "distribute")):
        return ()  # and then nothing of this is imported
    from rem_cli.jobs.proofs import prove
    from rem_cli.plugins.conditions import names

    return prove(held, names)


def _role_account(held: Held, shifts: Sequence[Held]) -> Iterable[Finding]:
    from rem_cli.alerts.oncall.findings import always

    return always(held)


def _monitor(held: Held, inner: Sequence[Held]) -> Iterable[Finding]:
    from rem_cli.collect.proofs import prove

    return prove(held, inner)


def _sink(held: Held, inner: Sequence[Held]) -> Iterable[Finding]:
    from rem_cli.plugins.sinks import prove

    return prove(held)


@lru_cache
def _load(module: str) -> CodeType:
    try:
        found = importlib.import_module(module).TYPE
    except ImportError as error:
        raise CodeError(f"{error}; install rem-cli again") from None
    assert isinstance(found, CodeType)
    return found
