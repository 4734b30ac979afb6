"""Words that findings about items share."""

from __future__ import annotations

from rem_cli.language.at import At, Misfit
from rem_cli.language.schema import Section
from rem_cli.language.types import Type


def as_word(name: str) -> str:
    """A section's name as one word of a command line."""
    return name.replace(" ", "-")


def a(what: str) -> str:
    return f"an {what}" if what[:1] in "aeiou" else f"a {what}"


def subject(at: At) -> str:
    return f"'{at.path[-1]}'" if at.path else "this"


def depth_of(section: Section) -> str:
    count = "1 key" if len(section.layers) == 1 else f"{len(section.layers)} keys"
    return f"{section.name} are {count} down: {' then '.join(layer.title for layer in section.layers)}"


def listed(section: Section) -> str:
    words = [*section.fields, *section.sections]
    return (
        f"one of {', '.join(words)}"
        if len(words) <= 12
        else f"rem schema show {as_word(section.name)} lists the fields"
    )


def mend(type: Type, misfit: Misfit, at: At) -> str:
    if set("“”„‘’") & set(at.text or ""):
        return "write plain quotes, or none"
    return misfit.hint or ("write one of these" if type.choices else f"rem explain {misfit.id or id_of(type)}")


def id_of(type: Type) -> str:
    return "REM1310" if type.name == "command" else "REM1320" if type.file else "REM1301"
