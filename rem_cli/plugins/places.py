"""The type `public holidays`: a country, or a part of one, whose holidays the `holidays` library knows."""

from __future__ import annotations

from rem_cli.jobs.schedule.holidays import places
from rem_cli.language.at import Misfit
from rem_cli.language.names import nearest
from rem_cli.language.types import CodeType


def read(text: str) -> str:
    """A place as DE or DE-BE. Misfit."""
    known = places()
    country, dash, part = text.partition("-")
    if country not in known:
        near = country.upper() if country.upper() in known else nearest(country.upper(), known)
        hint = f"did you mean '{near}{dash}{part}'?" if near else "two letters, like DE, or DE-BE for a part of it"
        raise Misfit(f"'{text[:80]}' is no country whose holidays are known", hint)
    if dash and part not in known[country]:
        near = nearest(part, known[country])
        some = ", ".join(known[country][:20])
        hint = f"did you mean '{country}-{near}'?" if near else f"one of {some}" if some else f"write {country}"
        raise Misfit(f"'{part[:80]}' is no part of {country} that has holidays of its own", hint)
    return text


TYPE = CodeType(read)
