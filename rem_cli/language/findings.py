"""What was found wrong in a tree, kept in bounds: a hostile tree must not buy endless time, memory or output."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rem_cli.errors import Place
from rem_cli.language import Finding
from rem_cli.language.at import At

MOST = 2_000  # findings of one tree; more than anybody mends in one go
VALUES = 5_000_000  # values of all items of one tree: some 200,000 items with 25 fields each
SECRET = "REM2001"  # a secret stands in a text
SEEMING = "REM2004"  # what seems to be one does
_HIDDEN = (SECRET, "REM2002", "REM2003", SEEMING)  # what stands there may be one
TEXTS = 2_000_000  # values of all texts of one tree: some 40 MB of YAML, which take 0.5 GB of memory


class Enough(Exception):
    """The limit is reached and was reported; what is left is not looked at."""


class Findings:
    """Collects findings; call `report` for each one."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self.values = 0  # of items

    def report(self, finding: Finding) -> None:
        """Keep a finding. Enough, once there are too many."""
        self._found.append(finding)
        if len(self._found) > MOST:
            text = f"more than {MOST:,} problems; the rest is not listed"
            self._found[-1] = Finding("REM1099", text, finding.place, hint="mend these first")
            raise Enough

    def spend(self, values: int, at: At | Place) -> None:
        """Count values of items. Enough, once there are more than any tree needs."""
        self.values += values
        if self.values > VALUES:
            text = f"the items up to here come to more than {VALUES:,} values"
            place = at if isinstance(at, Place) else at.key_place
            self._found.append(Finding("REM1005", text, place, hint="share fewer values, or split the repository"))
            raise Enough

    def unsorted(self) -> tuple[Finding, ...]:
        """As they came."""
        return tuple(_masked(self._found))

    def sorted(self) -> tuple[Finding, ...]:
        """By place; at most one of a kind at a place: an anchor that is used ten times is wrong once."""
        return tuple(dict.fromkeys(sorted(map(_short, _masked(self._found)), key=_place)))


def _masked(findings: Iterable[Finding]) -> list[Finding]:
    """Findings whose lines do not show the secrets that stand in them, whatever else is wrong there."""
    found = list(findings)
    places = {one.place[:4] for one in found if one.id in _HIDDEN}
    for file, line, column, width in places:
        for number, one in enumerate(found):
            if one.place.file == file and one.place.line == line:
                text = one.place.text
                text = text[: column - 1] + "*" * width + text[column - 1 + width :]
                found[number] = replace(one, place=one.place._replace(text=text))
    return found


def _place(finding: Finding) -> tuple[str, int, int]:
    return finding.place.file, finding.place.line, finding.place.column


def _short(finding: Finding) -> Finding:
    if len(finding.message) <= 300 and len(finding.hint or "") <= 300:
        return finding
    return Finding(finding.id, _cut(finding.message), finding.place, _cut(finding.hint or "") or None, finding.see,
                   finding.severity)  # fmt: skip


def _cut(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:200]} … {text[-80:]}"
