"""Where a value is written, what it was laid over, and what was put into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rem_cli.language import Origin, Source
from rem_cli.language.at import At
from rem_cli.language.composed import Followed, Given, Key, Laid, Linked, Put
from rem_cli.language.environments import is_inside

Roles = Mapping[str, Source]  # of files that are not the package's own


def written(at: At, roles: Roles) -> Origin:
    """The origin of a value as its texts tell it; defaults of sections are not among what it beat."""
    if isinstance(at, Given):
        beaten = tuple(written(one, roles) for one in at.beaten)
        source = Source.DEFAULT if at.default else Source.PARAM
        return replace(written(at.meant, roles), source=source, beaten=beaten)
    if isinstance(at, Linked):
        return Origin(Source.LINK, at.meant.place)
    if isinstance(at, Followed):
        outer = written(at.was, roles)
        steps = at.data if isinstance(at.data, dict) else range(len(at.data))
        parts = [part for step in steps for part in written(at.child(step), roles).parts]
        return replace(outer, parts=tuple(dict.fromkeys((*outer.parts, *parts))))
    if isinstance(at, Put):
        used = tuple(replace(written(of, roles), name=name) for name, of in at.used)
        return replace(written(at.was, roles), parts=used)
    if isinstance(at, Laid):
        top, under = written(at.top, roles), written(at.under, roles)
        if at.together:
            return replace(top, parts=(*top.parts, under))
        return replace(top, beaten=(replace(under, beaten=()), *under.beaten))
    if isinstance(at, Key):
        return Origin(Source.COLLECTED, at.place)
    if is_inside(at):
        return Origin(Source.ENVIRONMENT, at.place)
    return Origin(roles.get(at.source.file, Source.OWN), at.place)
