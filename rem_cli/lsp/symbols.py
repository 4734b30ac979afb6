"""The outline of a file: its sections, groups and items."""

from __future__ import annotations

from lsprotocol.types import DocumentSymbol, Range, SymbolKind

from rem_cli.lsp.meaning import Fields, File, Layer
from rem_cli.lsp.outline import outline
from rem_cli.lsp.repository import Repository, Seen
from rem_cli.lsp.text import Text, protocol

_SYMBOLS = (SymbolKind.Module, SymbolKind.Namespace, SymbolKind.Class)  # a section, a group, an item


def symbols(repository: Repository, seen: Seen, path: str) -> list[DocumentSymbol]:
    """Sections, groups and items of a file, in each other."""
    text = Text(repository.text(path))
    top: list[DocumentSymbol] = []
    made: dict[tuple[str | int, ...], list[DocumentSymbol]] = {(): top}
    for entry in outline(text.text).entries:
        holder = made.get(entry.path[:-1])
        here = seen.meaning(File.of(path), entry.path)
        if holder is None or not isinstance(here, Layer | Fields) or entry.path in made:
            continue
        depth = here.depth if isinstance(here, Layer) else len(here.section.layers)
        kind = _SYMBOLS[0 if depth == 0 else 2 if isinstance(here, Fields) else 1]
        detail = here.section.layers[depth - 1].title if depth else ""
        whole = Range(protocol(text.position(entry.start)), protocol(text.position(max(entry.last, entry.end))))
        name = Range(protocol(text.position(entry.start)), protocol(text.position(entry.end)))
        children: list[DocumentSymbol] = []
        holder.append(DocumentSymbol(str(entry.path[-1]) or "''", kind, whole, name, detail, children=children))
        made[entry.path] = children
    return top
