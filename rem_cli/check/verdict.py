"""What is to be said of a tree: what is known of it, else what a check finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rem_cli.check import Asked, Verdict, verdict_of
from rem_cli.check.known import Recalled, keep, recall

if TYPE_CHECKING:
    from rem_cli.language import Resolution


def verdict(asked: Asked) -> Verdict:
    """The verdict on a tree."""
    recalled = recall(asked)
    return recalled.verdict or checked(asked, recalled)[0]


def checked(asked: Asked, recalled: Recalled) -> tuple[Verdict, Resolution | None]:
    """The verdict on a tree of which none is known, and is kept from now on; its resolution where that was made too."""
    from rem_cli.check.work import Checked, check

    answer = check(asked, recalled.listing)
    found = answer.verdict if isinstance(answer, Checked) else verdict_of(answer)
    keep(asked, recalled.listing, found)
    return found, None if isinstance(answer, Checked) else answer
