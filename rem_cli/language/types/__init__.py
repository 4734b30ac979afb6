"""What a field's value may be: each type reads a value and saves it, or says what is wrong and how to mend it.

Types are items of data: name, what they are based on, limits, examples. Those whose reading is code are named there as
`process: builtin NAME`; the code is the functions that READERS names. A type of a package is one of these with limits
of its own. What needs a library comes through `code.py`, like the types of plug-ins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rem_cli.language import Value
from rem_cli.language.at import At
from rem_cli.language.types import amounts, cron, named, places, plain, times
from rem_cli.language.types.amounts import seconds
from rem_cli.language.types.code import CodeError, CodeType, reading
from rem_cli.language.types.type import Field, Matching, Type, limit, read_text

__all__ = [
    "ANYTHING",
    "CODED",
    "READERS",
    "CodeError",
    "CodeType",
    "Field",
    "Matching",
    "Type",
    "limit",
    "reading",
    "seconds",
]

READERS: Mapping[str, Callable[[At, Type], Value]] = {
    "text": read_text,
    "label": plain.label,
    "number": plain.number,
    "count": plain.count,
    "percent": amounts.percent,
    "boolean": plain.boolean,
    "choice": plain.choice,
    "list of": plain.list_of,
    "map of": plain.map_of,
    "record": plain.record,
    "pattern": plain.pattern,
    "duration": amounts.duration,
    "bytes": amounts.size,
    "retention": amounts.retention,
    "rate": amounts.rate,
    "tolerance": amounts.tolerance,
    "time of day": times.time_of_day,
    "date": times.date,
    "date time": times.date_time,
    "cron": cron.cron,
    "command": places.command,
    "path": places.path,
    "host path": places.host_path,
    "file mode": named.file_mode,
    "ref to": places.ref,
    "matcher": places.matcher,
    "hostname": named.hostname,
    "address": named.address,
    "login": named.login,
    "url": named.url,
    "email": named.email,
    "snmp oid": named.snmp_oid,
    "host selector": named.host_selector,
    "share": named.share,
    "success": named.success,
    "secret": named.secret,
}


def _missing() -> CodeType:
    raise CodeError("this REM has no code for it")


# Types of REM's own whose reading needs a library: whoever reads the base package hands their code in.
CODED: Mapping[str, Callable[[At, Type], Value]] = {"time zone": reading(_missing), "condition": reading(_missing)}

ANYTHING = Type("anything", lambda raw, type: raw.data)  # where a definition has a finding of its own
