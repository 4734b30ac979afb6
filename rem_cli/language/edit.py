"""Changes to a package's text that keep every other byte: what is there is never written anew.

A change is a splice, proved by reading the result: its data must be the old data with that one change, else the edit
is refused and nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode

from rem_cli.errors import RemError
from rem_cli.language.source import Source, read


class CannotEdit(RemError):
    """The text has a form in which a change could not be made without touching more than it should."""

    code = "cannot-edit"


def value(text: str) -> Any:
    """What a value typed on a command line is, read like a value in a package: `[a, b]`, `90s`, `3`."""
    return _parsed(text)[0]


def insert(file: str, text: str, path: Sequence[str], fields: Mapping[str, str]) -> str:
    """The text with one more mapping at `path`, its fields as typed (`hosts: "@web"`).

    CannotEdit when something is there already, or when the text is one that cannot be spliced safely.
    """
    source = read(file, text.encode())
    if source.findings:
        raise CannotEdit(f"{file} has problems of its own", hint="rem validate")
    known, node = _deepest(source.root, path)
    if known == len(path):
        raise CannotEdit(f"'{'/'.join(path)}' is in {file} already", where=source.key_place(path))
    ending = "\r\n" if "\r\n" in text else "\n"
    result = _spliced(source, node, path, known, fields, ending)
    expected = deepcopy(source.data) if source.data else {}
    _put(expected, path, {name: _parsed(typed)[0] for name, typed in fields.items()})
    again = read(file, result.encode())
    if again.findings or again.data != expected:
        block = "\n".join(_block(path[known:], fields, 0, 2))
        raise CannotEdit(
            f"{file} could not be changed without touching its other lines", hint=f"put this in it:\n{block}"
        )
    return result


def _parsed(text: str) -> tuple[Any, str]:
    """The data and the text of a typed value; what is no YAML by itself is a text, and gets quotes."""
    source = read("value", f"- {text}".encode())
    alone = isinstance(source.data, list) and len(source.data) == 1 and not source.findings
    if text and alone and "\n" not in text and (not isinstance(source.data[0], dict) or text.lstrip().startswith("{")):
        return source.data[0], text
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return text, quoted


def _deepest(root: Node | None, path: Sequence[str]) -> tuple[int, Node | None]:
    """How many keys of the path are there, and the value of the last of them."""
    node, known = root, 0
    for key in path:
        if not isinstance(node, MappingNode):
            break
        found = next((value for name, value in node.value if name.value == key), None)
        if found is None:
            break
        node, known = found, known + 1
    return known, node


def _spliced(
    source: Source, node: Node | None, path: Sequence[str], known: int, fields: Mapping[str, str], ending: str
) -> str:
    rest = path[known:]
    text = source.text
    if node is None:
        return _append(text, _block(rest, fields, 0, 2), ending)
    if isinstance(node, MappingNode) and node.value and not node.flow_style:
        indent = node.value[0][0].start_mark.column
        step = _step_of(source.root)
        line = _last_line(node) + 1
        return _insert_lines(text, line, _block(rest, fields, indent, step), ending)
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, MappingNode) and node.value:  # {a: 1}
        return f"{text[: end - 1].rstrip()}, {_flow(rest, fields)}}}{text[end:]}"
    empty = isinstance(node, MappingNode) or (isinstance(node, ScalarNode) and node.value in ("", "~", "null"))
    if not empty:
        raise CannotEdit(f"'{'/'.join(path[:known])}' in {source.file} is no mapping", where=source.place(path[:known]))
    step = _step_of(source.root)
    depth = known * step
    lines = ending.join(_block(rest, fields, depth, step))
    head = text[:start].rstrip(" ") if known else text[:start]
    return f"{head}{ending if known else ''}{lines}{'' if text[end:].startswith(ending) else ending}{text[end:]}"


def _block(path: Sequence[str], fields: Mapping[str, str], indent: int, step: int) -> list[str]:
    lines = [f"{' ' * (indent + depth * step)}{_key(key)}:" for depth, key in enumerate(path)]
    inner = " " * (indent + len(path) * step)
    lines += [f"{inner}{name}: {_parsed(typed)[1]}" for name, typed in fields.items()]
    if not fields:
        lines[-1] += " {}"
    return lines


def _flow(path: Sequence[str], fields: Mapping[str, str]) -> str:
    inner = f"{{{', '.join(f'{name}: {_parsed(typed)[1]}' for name, typed in fields.items())}}}"
    for key in reversed(path[1:]):
        inner = f"{{{_key(key)}: {inner}}}"
    return f"{_key(path[0])}: {inner}"


def _key(key: str) -> str:
    source = read("key", f"{key}: 1".encode())
    return key if not source.findings and source.data == {key: 1} and "#" not in key else f'"{key}"'


def _step_of(root: Node | None) -> int:
    """How far this text indents: its first nested block mapping says."""
    node = root
    while isinstance(node, MappingNode) and node.value and not node.flow_style:
        for _, inner in node.value:
            if isinstance(inner, MappingNode) and inner.value and not inner.flow_style:
                return max(1, int(inner.value[0][0].start_mark.column - node.value[0][0].start_mark.column))
        node = None
    return 2


def _last_line(node: Node) -> int:
    """The last line of a value, counted from 0; libyaml's own end of a block stands behind later comments."""
    if isinstance(node, ScalarNode) or not node.value or getattr(node, "flow_style", False):
        end = node.end_mark
        return int(end.line - 1 if end.column == 0 and end.line > node.start_mark.line else end.line)
    last = node.value[-1]
    return max(_last_line(part) for part in (last if isinstance(last, tuple) else (last,)))


def _insert_lines(text: str, line: int, lines: list[str], ending: str) -> str:
    kept = text.splitlines(keepends=True)
    if kept and line >= len(kept) and not kept[-1].endswith(("\n", "\r")):
        kept[-1] += ending
    kept.insert(line, "".join(one + ending for one in lines))
    return "".join(kept)


def _append(text: str, lines: list[str], ending: str) -> str:
    gap = "" if not text or text.endswith("\n") else ending
    return text + gap + "".join(one + ending for one in lines)


def _put(data: dict[str, Any], path: Sequence[str], leaf: Any) -> None:
    for key in path[:-1]:
        if data.get(key) is None:
            data[key] = {}
        data = data[key]
    data[path[-1]] = leaf
