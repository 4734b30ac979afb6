"""Types whose reading is code: REM's own that need a library, through the same door as those of plug-ins.

Nothing here is imported before a value of such a type is read.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from rem_cli.language import Value
from rem_cli.language.at import At
from rem_cli.language.types import CodeError, CodeType, Type, reading

# Types of packages/base/types.yaml, each with the module that reads it as TYPE.
OWN = {"time zone": "rem_cli.plugins.zones", "condition": "rem_cli.plugins.conditions"}


def own() -> Mapping[str, Callable[[At, Type], Value]]:
    """Readers of REM's own types that need a library; each is loaded with the first value."""
    return {name: reading(partial(_load, module)) for name, module in OWN.items()}


@lru_cache
def _load(module: str) -> CodeType:
    try:
        found = importlib.import_module(module).TYPE
    except ImportError as error:
        raise CodeError(f"{error}; install rem-cli again") from None
    assert isinstance(found, CodeType)
    return found
