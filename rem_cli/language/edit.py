"""Changes to a package's text that keep every other byte: what is there is never written anew.

A change is a splice, proved by reading the result: its data must be the old data with that one change, else the edit
is refused and nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode

from rem_cli.errors import RemError
from rem_cli.language.source import Source, read, scalar


class CannotEdit(RemError):
    """The text has a form in which a change could not be made without touching more than it should."""

    code = "cannot-edit"


def value(text: str) -> Any:
    """What a value typed on a command line is, read like a value in a package: `[a, b]`, `90s`, `3`."""
    return _typed(text, flow=False)[0]


def text(content: str) -> str:
    """A text as it is written in a package: with quotes where YAML would read something else, like a number."""
    found, written = _typed(content, flow=True)
    return written if found == content and isinstance(found, str) else _quoted(content)


def insert(file: str, text: str, path: Sequence[str], fields: Mapping[str, str]) -> str:
    """The text with one more mapping at `path`, its fields as typed (`hosts: "@web"`).

    CannotEdit when something is there already, or when the text is one that cannot be spliced safely.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    source = read(file, text.encode())
    if source.findings:
        raise CannotEdit(f"{file} has problems of its own", hint="rem validate")
    known, node, flow = _deepest(source.root, path)
    if known == len(path):
        raise CannotEdit(f"'{'/'.join(path)}' is in {file} already", where=source.key_place(path))
    ending = "\r\n" if "\r\n" in text else "\n"
    result = _spliced(source, node, path, known, fields, ending, flow)
    expected = _copied(source.data) if source.data else {}
    _put(expected, path, {name: value(typed) for name, typed in fields.items()})
    again = read(file, result.encode())
    if again.findings or again.data != expected:
        block = "\n".join(_block(path, fields, 0, 2))
        raise CannotEdit(
            f"{file} could not be changed without touching its other lines", hint=f"put this in it:\n{block}"
        )
    return mark + result


def _typed(text: str, *, flow: bool) -> tuple[Any, str]:
    """The data of a typed value and how it is written; what YAML would read as less than was typed gets quotes."""
    source = read("value", f"k: {text}".encode())
    plain = isinstance(source.data, dict) and source.data.keys() == {"k"} and not source.findings and "\n" not in text
    found = source.data["k"] if plain else text
    simple = not isinstance(found, dict | list) and text[:1] not in ("'", '"')
    if not text.strip() or (simple and scalar(text.strip()) != found):
        found, plain = text, False  # a comment, an anchor or a tag in YAML; here a part of the text
    if plain and flow and read("value", f"[{text}]".encode()).data != [found]:
        plain = False
    return found, text.strip() if plain else _quoted(found)


def _quoted(found: Any) -> str:
    """A text in double quotes. JSON's escapes are YAML's as well (YAML 1.2, section 5.7)."""
    return json.dumps(found, ensure_ascii=False).replace("\x7f", "\\u007f").replace("\x85", "\\u0085")


def _deepest(root: Node | None, path: Sequence[str]) -> tuple[int, Node | None, bool]:
    """How many keys of the path are there, the value of the last of them, and whether a flow mapping holds it."""
    node, known, flow = root, 0, False
    for key in path:
        if not isinstance(node, MappingNode):
            break
        found = next((value for name, value in node.value if name.value == key), None)
        if found is None:
            break
        flow = flow or bool(node.flow_style)
        node, known = found, known + 1
    return known, node, flow


def _spliced(
    source: Source,
    node: Node | None,
    path: Sequence[str],
    known: int,
    fields: Mapping[str, str],
    ending: str,
    flow: bool,
) -> str:
    rest = path[known:]
    text = source.text
    if node is None:
        return _append(text, _block(rest, fields, 0, 2), ending)
    if isinstance(node, MappingNode) and node.value and not node.flow_style:
        indent = node.value[0][0].start_mark.column
        step = _step_of(source.root)
        line = _last_line(node, source) + 1
        return _insert_lines(text, line, _block(rest, fields, indent, step), ending)
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, MappingNode) and node.value:  # {a: 1}
        return _into_flow(text, node, _flow(rest, fields))
    if not (isinstance(node, MappingNode) or (isinstance(node, ScalarNode) and node.value in ("", "~", "null"))):
        raise CannotEdit(f"'{'/'.join(path[:known])}' in {source.file} is no mapping", where=source.place(path[:known]))
    if flow:
        return f"{text[:start].rstrip()} {{{_flow(rest, fields)}}}{text[end:]}"
    lines = _block(rest, fields, known * _step_of(source.root), _step_of(source.root))
    if not known:
        return _insert_lines(text[:start] + text[end:].lstrip("\r\n"), node.start_mark.line, lines, ending)
    kept = text[:start].rstrip(" ") + text[end:]  # what may follow there is a comment
    return _insert_lines(kept, node.start_mark.line + 1, lines, ending)


def _into_flow(text: str, node: MappingNode, more: str) -> str:
    key, last = node.value[-1]
    at = last.end_mark.index
    if at <= key.end_mark.index:  # an alias, whose node stands elsewhere
        at = len(text[: node.end_mark.index - 1].rstrip())
    return f"{text[:at]}, {more}{text[at:]}"


def _block(path: Sequence[str], fields: Mapping[str, str], indent: int, step: int) -> list[str]:
    lines = [f"{' ' * (indent + depth * step)}{_key(key)}:" for depth, key in enumerate(path)]
    inner = " " * (indent + len(path) * step)
    lines += [f"{inner}{name}: {_typed(typed, flow=False)[1]}" for name, typed in fields.items()]
    if not fields:
        lines[-1] += " {}"
    return lines


def _flow(path: Sequence[str], fields: Mapping[str, str]) -> str:
    inner = f"{{{', '.join(f'{name}: {_typed(typed, flow=True)[1]}' for name, typed in fields.items())}}}"
    for key in reversed(path[1:]):
        inner = f"{{{_key(key)}: {inner}}}"
    return f"{_key(path[0])}: {inner}"


def _key(key: str) -> str:
    """A key as it is written, in block and in flow mappings."""
    plain = [read("key", text.encode()) for text in (f"{key}: 1", f"{{{key}: 1}}")]
    return key if all(not one.findings and one.data == {key: 1} for one in plain) else _quoted(key)


def _step_of(root: Node | None) -> int:
    """How far this text indents: its first nested block mapping says."""
    node = root
    while isinstance(node, MappingNode) and node.value and not node.flow_style:
        for _, inner in node.value:
            if isinstance(inner, MappingNode) and inner.value and not inner.flow_style:
                return max(1, int(inner.value[0][0].start_mark.column - node.value[0][0].start_mark.column))
        node = None
    return 2


def _last_line(node: Node, source: Source) -> int:
    """The last line of a value, counted from 0; libyaml's own end of a block stands behind later comments."""
    if not isinstance(node, ScalarNode) and node.value and not getattr(node, "flow_style", False):
        last = node.value[-1]
        return max(_last_line(part, source) for part in (last if isinstance(last, tuple) else (last,)))
    start, end = node.start_mark, node.end_mark
    line = int(end.line - 1 if end.column == 0 and end.line > start.line else end.line)
    if isinstance(node, ScalarNode) and node.style in ("|", ">") and not node.value.endswith("\n\n"):
        while line > start.line and not source.line(line + 1).strip():
            line -= 1  # empty lines that say nothing
    return line


def _insert_lines(text: str, line: int, lines: list[str], ending: str) -> str:
    kept = text.splitlines(keepends=True)
    if kept and line >= len(kept) and not kept[-1].endswith(("\n", "\r")):
        kept[-1] += ending
    kept.insert(line, "".join(one + ending for one in lines))
    return "".join(kept)


def _append(text: str, lines: list[str], ending: str) -> str:
    gap = "" if not text or text.endswith("\n") else ending
    return text + gap + "".join(one + ending for one in lines)


def _copied(data: Any) -> Any:
    """A copy in which no two parts are one: what an alias shares must not change with it."""
    if isinstance(data, dict):
        return {key: _copied(one) for key, one in data.items()}
    return [_copied(one) for one in data] if isinstance(data, list) else data


def _put(data: dict[str, Any], path: Sequence[str], leaf: Any) -> None:
    for key in path[:-1]:
        if data.get(key) is None:
            data[key] = {}
        data = data[key]
    data[path[-1]] = leaf
