"""The signature policy: every new commit is signed by a key that its parent lists.

It begins at an introduction, a commit that the operator trusts because somebody told them its id by another way. From
there on the repository says itself who may sign: the files of `signers/` at a commit name the keys that count for the
commits right after it. So a commit cannot let its own signer in. (The idea is that of Guix's `git authenticate`.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rem_cli.errors import UntrustedError
from rem_cli.tree import Link


class History(Protocol):
    """What the policy asks of a repository."""

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether commit `new` descends from commit `old`, or is it."""

    def between(self, old: str, new: str) -> list[Link]:
        """Every commit that `new` has and `old` has not, parents first."""

    def signers(self, commit: str) -> Mapping[str, bytes]:
        """The files of `signers/` at a commit, by name."""

    def signer(self, commit: str, signers: Mapping[str, bytes]) -> str:
        """Who signed a commit, with the key; UntrustedError when it is nobody of `signers`."""


def check(history: History, introduction: str, target: str, *, trusted: str | None = None) -> str:
    """Who signed `target`; UntrustedError with the first commit of the way that breaks the policy.

    `trusted` is a commit that was found good before, under the same introduction. All ids are full ones.
    """
    if not history.is_ancestor(introduction, target):
        raise UntrustedError(
            f"{target[:7]} does not descend from {introduction[:7]}, with which trust begins",
            hint="see what this branch is: git log --oneline --graph",
        )
    start = trusted if trusted and history.is_ancestor(trusted, target) else introduction
    if target in (introduction, start):
        return "the introduction" if target == introduction else "checked before"
    who = ""
    allowed: dict[str, Mapping[str, bytes]] = {}
    for link in history.between(start, target):
        for parent in link.parents:
            if parent not in allowed:
                if not history.is_ancestor(introduction, parent):
                    text = f"{link.id[:7]} takes in {parent[:7]}, which does not descend from {introduction[:7]}"
                    raise UntrustedError(f"{text}, with which trust begins", hint=f"git log {parent[:12]}")
                allowed[parent] = history.signers(parent)
            try:
                who = history.signer(link.id, allowed[parent])
            except UntrustedError as error:
                raise UntrustedError(
                    f"{link.id[:7]} is not to be trusted: {error.message}; nothing was applied",
                    hint=error.hint or f"who may sign it: git show {parent[:12]}:signers/",
                ) from None
    return who


def check_no_downgrade(history: History, active: str | None, target: str) -> None:
    """UntrustedError when what is active would be left behind for something that does not contain it."""
    if active is not None and not history.is_ancestor(active, target):
        raise UntrustedError(
            f"{target[:7]} does not contain {active[:7]}, which is active; nothing was applied",
            hint=f"if it is meant, a person says so: rem apply {target[:12]}",
        )
