"""docs/reference/: a page for each section and one for the types, from the data that the engine uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rem_cli import plugins, shipped
from rem_cli.language.example import example
from rem_cli.language.load import read_base
from rem_cli.language.processes import ACTED_ON, FIELDS_KEPT, PREFIX
from rem_cli.language.reference import about, state
from rem_cli.language.schema import Section
from rem_cli.language.shown import plain
from rem_cli.language.types import Field, Type

_MADE = "<!-- Made by `python -m rem_cli.cli.manual` from packages/base; edit that. -->"


def pages() -> dict[str, str]:
    """Every page by its path from the project's root."""
    base = read_base(shipped.base_files(), plugins.own())
    made = {f"docs/reference/{_file(name)}": _page(section) for name, section in base.sections.items()}
    made["docs/reference/types.md"] = _types(base.types.known)
    made["docs/reference/README.md"] = _contents(base.sections)
    return made


def _file(name: str) -> str:
    return f"{name.replace(' ', '-')}.md"


def _contents(sections: Mapping[str, Section]) -> str:
    rows = ["# Reference", "", _MADE, "", "What `rem schema show` prints, a page for each section.", ""]
    told = ((f"[{name}]({_file(name)})", _keys(one), one.info) for name, one in sorted(sections.items()))
    rows += _table(("section", "keys above its fields", "what it is"), told)
    rows += ["", "What a field may be stands in [types](types.md)."]
    return "\n".join(rows) + "\n"


def _page(section: Section) -> str:
    return "\n".join([f"# {section.name}", "", _MADE, "", *_body(section, 2)]) + "\n"


def _body(section: Section, level: int) -> Iterator[str]:
    yield section.info
    yield ""
    yield f"Keys: {_keys(section)}. Process: `{section.process}`.{_not_yet(section)}"
    yield ""
    yield from ("```yaml", example(section).rstrip("\n"), "```")
    for title, names in section.grouped_fields():
        yield from ("", f"{'#' * level} {title}", "")
        yield from _fields(section.fields[name] for name in names)
    for words, groups in (("Exactly one", section.one_of), ("At most one", section.at_most_one_of)):
        for group in groups:
            yield from ("", f"{words} of {_code(group)}.")
    for inner in section.sections.values():
        yield from ("", f"{'#' * level} {section.name} / {inner.name}", "")
        yield from _body(inner, level + 1)


def _not_yet(section: Section) -> str:
    process = section.process.removeprefix(PREFIX)
    if process not in ACTED_ON:
        return " This version of REM keeps and checks these items; nothing acts on them yet."
    idle = [name for name in FIELDS_KEPT.get(process, ()) if name in section.fields]
    return f" Nothing acts on {_code(idle)} yet." if idle else ""


def _keys(section: Section) -> str:
    return " / ".join(layer.title for layer in section.layers)


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _fields(fields: Iterable[Field]) -> Iterator[str]:
    rows = ((f"`{one.name}`", about(one.type), state(one), one.info) for one in fields)
    yield from _table(("field", "type", "", "what it is"), rows)


def _types(types: Mapping[str, Type]) -> str:
    rows = ["# Types", "", _MADE, "", "What the value of a field may be. [How to define one](../types.md).", ""]
    told = ((f"`{one.name}`", one.info, _examples(one.good), _examples(one.bad))
            for name, one in sorted(types.items()) if not one.fields)  # fmt: skip
    rows += _table(("type", "what it is", "like", "but not"), told)
    for name, one in sorted(types.items()):
        if one.fields:
            rows += ["", f"## {name}", "", one.info, "", *_fields(one.fields.values())]
            rows += [f"\nExactly one of {_code(group)}." for group in one.one_of]
    return "\n".join(rows) + "\n"


def _examples(values: Iterable[object]) -> str:
    texts = [plain(value).replace("\n", "\\n") for value in values]  # type: ignore[arg-type]
    return ", ".join(f"`{text}`" if text.strip() else "a blank" if text else "nothing" for text in texts[:4])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    cells = [head, tuple("---" for _ in head), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in cells]
