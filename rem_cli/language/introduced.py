"""Which findings a change brought, and which were there before it.

A finding is the same one when its id, file, message and the line it stands in are the same, wherever that line went in
the file. One that was moved with its file, or with its part of a file that was split, is the same one too: it has gone
with a file that is gone, and is in a file that was not there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from rem_cli.language import Finding

_Key = tuple[str, ...]
_LINE = re.compile(r"(\bline |:)[0-9]+")  # in a message that names another place


def identity(finding: Finding) -> _Key:
    """What stays of a finding when lines above it come and go, without its file."""
    return finding.id, _LINE.sub(r"\1", finding.message), finding.place.text.strip()


def introduced(
    now: Sequence[Finding], before: Sequence[Finding], *, paths: Collection[str], paths_before: Collection[str]
) -> tuple[Finding, ...]:
    """The findings of `now` that `before` had not; `paths` are all files of either tree."""
    there: Counter[_Key] = Counter((finding.place.file, *identity(finding)) for finding in before)
    left = [finding for finding in now if not _take(there, (finding.place.file, *identity(finding)))]
    gone: Counter[_Key] = Counter(identity(finding) for finding in before if finding.place.file not in paths)
    return tuple(
        finding for finding in left if finding.place.file in paths_before or not _take(gone, identity(finding))
    )


def _take(counted: Counter[_Key], what: _Key) -> bool:
    """Use up one of them; False when there is none left."""
    if not counted[what]:
        return False
    counted[what] -= 1
    return True
