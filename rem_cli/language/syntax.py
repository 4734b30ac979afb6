"""What libyaml says of a text that is no YAML, in words that name the mistake and its mend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rem_cli.language import Finding

if TYPE_CHECKING:
    from yaml import YAMLError

    from rem_cli.language.source import Source

_UNQUOTED = re.compile(r":\s*([^\s'\"\[{|>#&*!][^#]*?:\s.*?)\s*(#.*)?$")


def explain(source: Source, error: YAMLError) -> Finding:
    """A finding for a text that libyaml refused."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    context = getattr(error, "context", None) or ""
    line = mark.line + 1 if mark else 1
    column = mark.column + 1 if mark else 1
    tab = _tab(source, line)
    if tab:
        return tab
    if "single document" in (problem + context):
        return Finding("REM1007", "a second document begins here", source.at(line, column),
                       hint="one document a file: take out the '---'")  # fmt: skip
    if "undefined alias" in problem:
        return Finding("REM1002", "this alias names an anchor that is not set above", source.at(line, column),
                       hint="set it with &name before its first *name")  # fmt: skip
    if "mapping values are not allowed" in problem:
        return _stray_colon(source, line, column)
    for part, (message, hint) in _TEXTS.items():
        if part in problem:
            at = getattr(error, "context_mark", None) if part in _AT_START else mark
            at = at or mark
            return Finding("REM1002", message, source.at(at.line + 1, at.column + 1) if at else source.at(1, 1), hint)
    return Finding("REM1002", problem, source.at(line, column))


_TEXTS = {
    "did not find expected key": (
        "this line does not stand under the lines above it", "indent it like its neighbours"),
    "did not find expected '-' indicator": (
        "this line does not stand under the list above it", "indent it like the '-' above, or begin it with '- '"),
    "could not find expected ':'": (
        "there is a key without ':' here", "write 'key: value'"),
    "did not find expected ',' or '}'": (
        "this '{' is not closed, or a ',' is missing", "close it with '}'"),
    "did not find expected ',' or ']'": (
        "this '[' is not closed, or a ',' is missing", "close it with ']'"),
    "found unexpected end of stream": (
        "a quote opens here and does not close", "close it with the same quote"),
    "block sequence entries are not allowed": (
        "a list item cannot begin here", "begin it on a line of its own, under its key"),
    "cannot start any token": (
        "a text cannot begin with this character", "put the text in quotes"),
    "control characters are not allowed": (
        "there is a control character here", "take it out"),
}  # fmt: skip
_AT_START = frozenset(
    {"did not find expected ',' or '}'", "did not find expected ',' or ']'", "found unexpected end of stream"}
)


def _tab(source: Source, near: int) -> Finding | None:
    """libyaml names a tab in the indentation one line off, in words nobody links to a tab."""
    for number in (near, near - 1, near + 1):
        text = source.line(number) if number >= 1 else ""
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent:
            at = source.at(number, indent.index("\t") + 1, indent.count("\t"))
            return Finding("REM1003", "a tab in the indentation", at, hint="YAML indents with spaces")
    return None


def _stray_colon(source: Source, line: int, column: int) -> Finding:
    """Either a text that holds ': ' without quotes, or a line that is indented one step too far."""
    unquoted = _UNQUOTED.search(source.line(line))
    if unquoted and unquoted.start(1) < column:
        start, end = unquoted.span(1)
        at = source.at(line, start + 1, end - start)
        return Finding("REM1002", "a text that holds ': ' needs quotes", at, hint=f'write "{unquoted.group(1)}"')
    text = source.line(line)
    at = source.at(line, len(text) - len(text.lstrip()) + 1)
    return Finding("REM1002", "this line is indented further than the line above allows", at,
                   hint="indent it like its neighbours, or end the line above with ':'")  # fmt: skip
