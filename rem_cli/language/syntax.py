"""What libyaml says of a text that is no YAML, in words that name the mistake and its mend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rem_cli.language import Finding

if TYPE_CHECKING:
    from yaml import YAMLError

    from rem_cli.language.source import Source


def explain(source: Source, error: YAMLError) -> Finding:
    """A finding for a text that libyaml refused."""
    mark = getattr(error, "problem_mark", None)
    if getattr(error, "character", None) is not None:  # a reader's error: it knows no line
        return _character(source)
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
        return Finding("REM1002", "'*' begins an alias, and no line above sets it with '&'", source.at(line, column),
                       hint=_quotes(source, line, column))  # fmt: skip
    if "alphabetic or numeric" in problem:
        return Finding("REM1002", "'*' and '&' begin an alias and an anchor, whose name is missing",
                       source.at(line, column - 1), hint=_quotes(source, line, column - 1))  # fmt: skip
    if "cannot start any token" in problem:
        return Finding("REM1002", f"a text cannot begin with '{source.line(line)[column - 1 : column]}'",
                       source.at(line, column), hint=_quotes(source, line, column))  # fmt: skip
    if "expected whitespace or line break" in problem and _TIGHT(source.line(line), 0, column):
        return Finding("REM1002", "inside of {…} and […] a tag needs a blank behind it", source.at(line, column),
                       hint="write '!unset ' with a blank, or put the key on a line of its own")  # fmt: skip
    if "did not find expected key" in problem and source.line(line)[column - 1 : column] in ("}", "]"):
        return _closing(source, line, column)
    if "did not find expected key" in problem and source.line(line)[: column - 1].strip():
        return Finding("REM1002", "this comes after the end of a text", source.at(line, column),
                       hint="put all of it in one pair of quotes; a ' inside of '…' is written ''")  # fmt: skip
    if "did not find expected key" in problem or "'-' indicator" in problem:
        return _misplaced(source, line, column)
    if "mapping values are not allowed" in problem:
        return _stray_colon(source, line, column)
    if not source.line(line).strip():  # the text ends: what is missing belongs to the last line that says something
        line = next((n for n in range(line, 0, -1) if source.line(n).strip()), 1)
        column = len(source.line(line)) + 1
    for part, (message, hint) in _TEXTS.items():
        if part in problem:
            start = getattr(error, "context_mark", None) if part in _AT_START else None
            if start and start.line + 1 == line and source.line(line)[column - 1 : column] not in ("", "]", "}", " "):
                return Finding("REM1002", "a ',' is missing before this", source.at(line, column), "put a ',' there")
            at = source.at(start.line + 1, start.column + 1) if start else source.at(line, column)
            return Finding("REM1002", message, at, hint)
    return Finding("REM1002", problem, source.at(line, column), "look at this line and at the end of the one above")


_TIGHT = re.compile(r".*![^\s,\]}]*[,\]}]").match
_TOP = re.compile(r"""[^\s#\-?:,\[\]{}&*!|>'"%@`][^\n]*?:(\s|\Z)|"[^"\n]*":|'[^'\n]*':""").match
_LINES = re.compile("[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|\\Z)")
_BLANK = re.compile("[^\r\n\x85\u2028\u2029]")


def without_block(text: str, line: int) -> str:
    """The text with the key that begins a line at or above `line` blanked out, with all that stands under it.

    Every other place stays where it is. Empty when nothing would be left to read.
    """
    lines = _LINES.findall(text)
    tops = [number for number, one in enumerate(lines) if _TOP(one)]
    begin = max((number for number in tops if number < line), default=0)
    end = min((number for number in tops if number >= line), default=len(lines))
    before, after = lines[:begin], lines[end:]
    if not any(_TOP(one) for one in (*before, *after)):
        return ""
    return "".join([*before, *(_BLANK.sub("", one) for one in lines[begin:end]), *after])


def only_above(text: str, line: int) -> str:
    """The lines above a line."""
    return "".join(_LINES.findall(text)[: line - 1])


_TEXTS = {
    "found unexpected ':'": (
        "a ':' stands here without a blank behind it", "write 'key: value', or put the text in quotes"),
    "expected <document start>": (
        "the text ended above, with '...' or '---'", "one document a file: take that line out"),
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
    "did not find expected node content": (
        "a value cannot begin here", "close the '[' or '{' above, or put the text in quotes"),
    "escape": (
        "after a backslash in double quotes comes an escape that YAML knows", "write \\\\, or use single quotes"),
    "did not find expected comment or line break": (
        "after '|' or '>' nothing more stands in the line", "put the text in the lines below, indented"),
}  # fmt: skip
_AT_START = frozenset(
    {"did not find expected ',' or '}'", "did not find expected ',' or ']'", "found unexpected end of stream"}
)


_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _character(source: Source) -> Finding:
    """A character that YAML does not allow (section 5.1)."""
    found = _NOT_PRINTABLE.search(source.text)
    at = found.start() if found else 0
    before = _LINES.findall(source.text, 0, at)
    character = f"the invisible character U+{ord(found[0]):04X}" if found else "a character that YAML does not allow"
    last = next((one for one in reversed(before) if one), "")
    ended = last.endswith(("\n", "\r", "\x85", "\u2028", "\u2029"))
    line = sum(1 for one in before if one) + (1 if ended or not last else 0)
    return Finding(
        "REM1002", f"{character} stands here", source.at(line, 1 if ended else len(last) + 1, 1), "take it out"
    )


def _tab(source: Source, near: int) -> Finding | None:
    """libyaml names a tab in the indentation one line off, in words nobody links to a tab."""
    for number in (near, near - 1, near + 1):
        text = source.line(number) if number >= 1 else ""
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent:
            at = source.at(number, indent.index("\t") + 1, indent.count("\t"))
            return Finding(
                "REM1003",
                "a tab in the indentation",
                at,
                hint="put blanks in its place; YAML does not indent with tabs",
            )
    return None


def _stray_colon(source: Source, line: int, column: int) -> Finding:
    """Either a text that holds ': ' without quotes, or a line that is indented one step too far."""
    above = _above(source, line)
    word = source.line(above).partition(" #")[0].strip() if above else ""
    if word and ":" not in word and word[0] not in "-[{'\"|>&*!":
        at = source.at(above, source.line(above).index(word) + 1, len(word))
        return Finding("REM1002", "there is a key without ':' here", at, hint=f"write '{word}:'")
    text = source.line(line)
    key, _, value = text.partition(": ")
    value = value.partition(" #")[0].strip()
    start = len(key) + 2 + len(text[len(key) + 2 :]) - len(text[len(key) + 2 :].lstrip())
    if ": " in value and start < column and value[0] not in "'\"[{|>&*!":
        at = source.at(line, start + 1, len(value))
        return Finding("REM1002", "a text that holds ': ' needs quotes", at, hint=f'write "{value}"')
    at = source.at(line, _indent(text) + 1)
    return Finding("REM1002", "this line is indented further than the line above allows", at,
                   hint=f"{_like_above(source, line)}; or does a ':' belong to the end of that line?")  # fmt: skip


def _closing(source: Source, line: int, column: int) -> Finding:
    """A bracket that closes nothing; often the one that opened it is part of a key, for want of a blank."""
    sign, before = source.line(line)[column - 1], source.line(line)[: column - 1]
    opened = re.search(r"\S:([\[{])", before)
    hint = f"write ': {opened[1]}', with a blank behind the ':'" if opened else "take it out"
    return Finding("REM1002", f"this '{sign}' closes nothing", source.at(line, column), hint)


def _misplaced(source: Source, line: int, column: int) -> Finding:
    """A line whose indentation, or whose '-', belongs to nothing above it."""
    text, above = source.line(line), _above(source, line)
    at = source.at(line, column)
    if text.lstrip().startswith("- ") and _indent(text) in (blanks for blanks, _ in _open(source, line)):
        return Finding("REM1002", "a '-' stands here among keys", at, "put it under a key of its own, or take it out")
    if re.search(r"[|>][+-]?\s*\Z", source.line(above)):
        sign = source.line(above).rstrip().rstrip("+-")[-1]
        return Finding("REM1002", f"the text of the '{sign}' above begins here, too far to the left", at,
                       hint=f"indent it with {_indent(source.line(above)) + 2} blanks or more")  # fmt: skip
    hint = _like_above(source, line)
    return Finding("REM1002", "the indentation of this line fits none of the lines above it", at, hint=hint)


def _open(source: Source, line: int) -> list[tuple[int, int]]:
    """The indentations that a line could have to belong to those above it, each with the last line that has it."""
    found: list[tuple[int, int]] = []
    number = line
    while (number := _above(source, number)) and (not found or found[-1][0] > 0):
        blanks = _indent(source.line(number))
        if not found or blanks < found[-1][0]:
            found.append((blanks, number))
    return found


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _like_above(source: Source, line: int) -> str:
    """The nearest indentation that fits; the deeper one of two."""
    here = _indent(source.line(line))
    blanks, above = min(_open(source, line), key=lambda one: abs(one[0] - here), default=(0, 0))
    return f"indent it with {blanks} blanks, like line {above}" if above else "indent it like its neighbours"


def _above(source: Source, line: int) -> int:
    """The line above that says something, 0 for none."""
    return next((n for n in range(line - 1, 0, -1) if source.line(n).partition("#")[0].strip()), 0)


def _quotes(source: Source, line: int, column: int) -> str:
    """What to write where a text lacks its quotes."""
    value = source.line(line)[column - 1 :].partition(" #")[0].strip()
    plain = 0 < len(value) <= 80 and not set(value) & set(',[]{}"\\')
    return f'write "{value}" if a text is meant' if plain else "put it in quotes if a text is meant"
