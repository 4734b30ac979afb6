"""What must hold of a check before it is ever made: it says what its kind needs, and nothing that its kind ignores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rem_cli.language import Finding, Severity
from rem_cli.language.held import Held
from rem_cli.language.names import nearest

# What each kind needs, one of each group; and what else it reads. All read what the last line says.
NEEDS = {
    "ping": (),
    "tcp": (("port",),),
    "http": (("url",),),
    "prometheus": (("url",),),
    "dns": (("name",),),
    "tls": (),
    "snmp": (),
    "local": (),
    "script": (("script", "command"),),
    "job": (("job",),),
    "collector": (("collector",),),
}
READS = {
    "ping": ("address", "packets"),
    "tcp": ("address", "expect"),
    "http": ("credentials", "expect", "expect status"),
    "prometheus": ("credentials",),
    "dns": ("address", "port", "record", "expect"),
    "tls": ("address", "port", "name"),
    "snmp": ("address", "port", "version", "engine", "credentials", "oid", "oids"),
    "local": (),
    "script": ("arguments", "where", "result", "credentials", "address"),
    "job": (),
    "collector": ("with", "credentials", "address"),
}
SPECIAL = {name for needs in NEEDS.values() for group in needs for name in group} | {
    name for names in READS.values() for name in names
}
SHOWN = {"job": "script", "collector": "script"}  # kinds that are made as another is
LATER = ("heartbeat",)  # known, and nothing acts on it yet


def prove(check: Held, inner: Sequence[Held]) -> Iterator[Finding]:
    """Every finding of one check."""
    kind = check.item.fields.get("kind")
    if not isinstance(kind, str):
        return  # the language has said so
    at = check.own["kind"].place if "kind" in check.own else check.at.key_place
    if kind in LATER:
        text = f"nothing makes checks of kind {kind} yet: this one is kept, and never made"
        yield Finding("REM2803", text, at, "take it out, or leave it for a later REM", severity=Severity.WARNING)
        return
    if kind not in NEEDS:
        near = nearest(kind, NEEDS)
        hint = f"did you mean {near}?" if near else f"one of {', '.join(NEEDS)}"
        yield Finding("REM2804", f"nothing makes checks of kind '{kind}'", at, hint, see="rem collector list")
        return
    for group in NEEDS[kind]:
        if all(check.item.fields.get(name) is None for name in group):
            text = f"a check of kind {kind} needs {' or '.join(group)}"
            yield Finding("REM2801", text, at, f"add {group[0]}", see=f"rem collector show {SHOWN.get(kind, kind)}")
    read = {*READS[kind], *(name for group in NEEDS[kind] for name in group)}
    for name in check.own:
        if name in SPECIAL - read and check.item.fields.get(name) is not None:
            place = check.own[name].key_place
            text = f"'{name}' changes nothing: checks of kind {kind} do not read it"
            yield Finding("REM2802", text, place, "take it out", severity=Severity.WARNING)
