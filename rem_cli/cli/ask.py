"""Questions on a terminal: the fields of an item, one after another, page after page, with a way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rem_cli.cli import save, show
from rem_cli.cli.fields import as_line, meant, written
from rem_cli.language.at import Misfit
from rem_cli.language.held import Held
from rem_cli.language.schema import Field, Section
from rem_cli.language.shown import shown
from rem_cli.language.types import limit

_HOW = "Enter keeps, ? explains, < goes back, - takes out; Ctrl-C leaves everything as it is"


def fields(held: Held) -> dict[str, str]:
    """What a person wants of an item's fields, "" for what shall go out. KeyboardInterrupt when they leave."""
    show.note((held.item.path, "bold"))
    show.note((_HOW, "dim"))
    wanted: dict[str, str] = {}
    questions = list(_questions(held.section))
    number, above = 0, ("", "")
    while number < len(questions):
        page, title, name = questions[number]
        if page and page != above[0]:
            show.note("")
            show.note((page, "bold"))
        if (page, title) != above:
            show.note("")
            show.note((title, "bold"))
        above = page, title
        back = not _answered(held, held.section.fields[name], wanted)
        number = max(0, number - 1) if back else number + 1
    return wanted if wanted and _sure(held, wanted) else {}


def _questions(section: Section) -> Iterator[tuple[str, str, str]]:
    """Every field with its page and its field set; without a page where there is only one."""
    pages = section.grouped_pages()
    for number, (page, sets) in enumerate(pages, 1):
        heading = f"{number} of {len(pages)}: {page}" if len(pages) > 1 else ""
        yield from ((heading, title, name) for title, names in sets for name in names)


def _answered(held: Held, field: Field, wanted: dict[str, str]) -> bool:
    """Ask for one field until the answer fits; False to go back."""
    while True:
        answer = _prompt(held, field, wanted)
        if answer == "<":
            return False
        if answer == "?":
            for line in explained(field):
                show.note("  ", (line, "dim"))
        elif answer == "-":
            _want(held, field.name, "", wanted)
            return True
        elif not answer or _fits(held, field, answer):
            if answer:
                _want(held, field.name, answer, wanted)
            return True


def _prompt(held: Held, field: Field, wanted: Mapping[str, str]) -> str:
    now = wanted[field.name] if field.name in wanted else written(held, field.name)
    if not now:
        rest = "" if field.default is None else f"default {shown(field.default, field.type)}"
        now = held.item.key if field.name == held.section.layers[-1].key_field else rest
    text = f"{field.name} ({field.type.title})" + (f" [{now}]" if now else "")
    answer = show.question(text).strip()
    save.refuse_bytes([answer])
    return answer


def _want(held: Held, name: str, answer: str, wanted: dict[str, str]) -> None:
    """Keep an answer; one that says what is there already is none."""
    if answer == (written(held, name) or ""):
        wanted.pop(name, None)
    else:
        wanted[name] = answer


def _fits(held: Held, field: Field, answer: str) -> bool:
    new = meant(held, field.name, answer)
    if isinstance(new.data, str) and "${" in new.data:
        return True  # what it names is known when the whole is read
    try:
        field.type.read(held.at.put(new.data, answer if not isinstance(new.data, str) else new.data), field.type)
    except Misfit as misfit:
        show.note("  ", (misfit.message, "red"), f"; {misfit.hint}" if misfit.hint else "")
        return False
    return True


def _sure(held: Held, wanted: Mapping[str, str]) -> bool:
    show.note("")
    for name, value in wanted.items():
        show.note(*as_line(name, (written(held, name), value or None)))
    while (answer := show.question("write this? [y/n]").strip().lower()) not in ("y", "yes", "n", "no"):
        show.note("y writes it, n leaves everything as it is")
    return answer in ("y", "yes")


def explained(field: Field) -> Sequence[str]:
    """What a person should know of a field before they fill it."""
    type = field.type
    ends = [limit(type, bound) if bound is not None else "" for bound in (type.least, type.most)]
    return [
        *([field.info] if field.info else []),
        *([f"{type.title}: {type.info}"] if type.info else []),
        *([f"one of {', '.join(type.choices)}"] if type.choices else []),
        *([f"between {ends[0] or '…'} and {ends[1] or '…'}"] if any(ends) else []),
        *([f"like {', '.join(map(str, type.good[:3]))}"] if type.good else []),
        *(["required"] if field.required else []),
    ] or [f"a {type.title}"]
