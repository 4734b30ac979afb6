"""Of how many of its hosts a run needs success."""

from __future__ import annotations

from typing import NamedTuple

from rem_cli.language.share import Share

ALL, ANY, QUORUM = "all", "any", "quorum"


class Success(NamedTuple):
    """A job's rule. Each worker of a host counts for itself."""

    word: str = ALL  # or ANY, QUORUM (more than half), empty for a share
    share: Share | None = None

    @classmethod
    def read(cls, text: str | None) -> Success:
        """`all`, `any`, `quorum`, `3` or `80%`; all where it is left out. UsageError."""
        if text is None or text in (ALL, ANY, QUORUM):
            return cls(text or ALL)
        return cls("", Share.read(text, "success", least=1))

    def needed(self, total: int) -> int:
        """How many of `total` must be ok; a share is rounded up."""
        if self.share is not None:
            return -(-total * self.share.number // 100) if self.share.percent else self.share.number
        return {ALL: total, ANY: 1, QUORUM: total // 2 + 1}[self.word]
