"""What is to be done with each file of a host: a function of what is wanted and how things stand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from rem_cli.plan.footprint import Looked, Object, Owned, Seen


class Move(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"
    RELEASE = "release"  # it stays, and is no longer REM's
    CONFLICT = "conflict"  # a file is there that is not REM's
    BLOCKED = "blocked"  # no file can take the place of what is there
    ADOPT = "adopt"  # it becomes REM's as it is
    ACCEPTED = "accepted"  # somebody changed it, and the packages say that it may stay so for a time
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Step:
    """One file of one host: what is done with it, and why."""

    move: Move
    path: str
    item: str = ""  # the item that wants it
    why: str = ""  # "content, mode 0600 → 0644"; "is there already and is not REM's"
    hint: str = ""
    by_hand: bool = False  # somebody else changed it since REM wrote it
    before: str = "none"  # how it stood, as the host said it
    object: Object | None = None  # what is put there
    owned: Owned | None = None  # what REM knew of it

    @property
    def acts(self) -> bool:
        """Whether anything changes on the host, if only that REM lets go of the file."""
        return self.move in (Move.CREATE, Move.CHANGE, Move.REMOVE, Move.RELEASE, Move.ADOPT)


_BLOCKED = {
    "link": ("is a symbolic link, which REM does not follow", "remove it, or name the file that it points to"),
    "folder": ("is a folder", "name another path, or move the folder away"),
    "other": ("is no regular file", "name another path, or see what made it: ls -l"),
    "closed": ("may not be read by whoever logs in there", "log in as its owner: user: of the host"),
    "nowhere": ("lies in a folder that is not there", "make the folder first; REM owns files only"),
}


def decide(host: str, wanted: Mapping[str, Object], looked: Looked, today: str) -> list[Step]:
    """Every wanted and every owned file of a host, by path; `today` is a date, `2026-11-25`."""
    paths = sorted(wanted.keys() | looked.owned.keys())
    return [_accepted(_step(host, path, wanted.get(path), looked), today) for path in paths]


def _accepted(step: Step, today: str) -> Step:
    """Leave a change of somebody's hand alone as long as the packages accept it; a change of the packages goes on."""
    one, owned = step.object, step.owned
    if one is None or owned is None or not one.accepted_until or not step.by_hand or step.move is not Move.CHANGE:
        return step
    if (hashlib.sha256(one.content).hexdigest(), one.mode) != (owned.sha256, owned.mode):
        return step
    if today > one.accepted_until:
        return replace(step, why=f"{step.why}; was accepted until {one.accepted_until}")
    why = ": ".join(filter(None, [f"changed by hand, accepted until {one.accepted_until}", one.accepted_why]))
    return replace(step, move=Move.ACCEPTED, why=why)


def _step(host: str, path: str, wanted: Object | None, looked: Looked) -> Step:
    seen, owned = looked.seen.get(path, Seen("none")), looked.owned.get(path)
    by_hand = owned is not None and (seen.sha256, seen.mode) != (owned.sha256, owned.mode)
    by_hand |= path in looked.idle and not looked.unfinished
    if wanted is None:
        assert owned is not None
        return _unwanted(path, seen, owned, by_hand)
    return _wanted(host, wanted, seen, owned, looked, by_hand)


def _unwanted(path: str, seen: Seen, owned: Owned, by_hand: bool) -> Step:
    if owned.keep or seen.how != "file":
        why = (
            "stays: keep" if owned.keep else "is gone already" if seen.how in ("none", "nowhere") else "is no file now"
        )
        return Step(Move.RELEASE, path, why=why, before=seen.text, owned=owned)
    return Step(Move.REMOVE, path, by_hand=by_hand, before=seen.text, owned=owned)


def _wanted(host: str, wanted: Object, seen: Seen, owned: Owned | None, looked: Looked, by_hand: bool) -> Step:
    def step(move: Move, why: str = "", hint: str = "") -> Step:
        hand = by_hand and move in (Move.CREATE, Move.CHANGE)
        return Step(move, wanted.path, wanted.item, why, hint, hand, seen.text, wanted, owned)

    if seen.how == "none" or (seen.how == "nowhere" and wanted.parents):
        return step(Move.CREATE, "was removed by hand" if owned else "")
    if seen.how == "away":
        real = seen.text.removeprefix("away ")
        return step(Move.BLOCKED, "is reached through a symbolic link", f"name the folder itself: {real}")
    if seen.how != "file":
        return step(Move.BLOCKED, *_BLOCKED[seen.how])
    if owned is None:
        other = looked.others.get(wanted.path)
        why = f"belongs to {other}" if other else "is there already and is not REM's"
        return step(Move.CONFLICT, why, f"rem adopt {host} {wanted.path}")
    why = ", ".join(_differing(wanted, seen, looked))
    if why:
        return step(Move.CHANGE, why)
    known = (owned.kind, owned.keep) == (wanted.kind, wanted.keep)
    return step(Move.UNCHANGED) if known else step(Move.CHANGE, f"keep: {str(wanted.keep).lower()}")


def _differing(wanted: Object, seen: Seen, looked: Looked) -> list[str]:
    """What of a file is not as it is wanted, in words."""
    pairs = {
        "mode": (f"{seen.mode:04o}", f"{wanted.mode:04o}"),
        "owner": (seen.owner, wanted.owner or looked.user),
        "group": (seen.group, wanted.group or looked.group),
    }
    said = ["content"] if hashlib.sha256(wanted.content).hexdigest() != seen.sha256 else []
    said += [f"{name} {was} → {now}" for name, (was, now) in pairs.items() if was != now]
    return said + ([f"is {looked.idle[wanted.path]}"] if wanted.path in looked.idle else [])
