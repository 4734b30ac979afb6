"""What is sent to host.sh, and what its answers mean. Both are text and bytes only; `hosts` carries them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.plan.footprint import Looked, Owned, Seen
from rem_cli.plan.footprint.steps import Move, Step

_WIDTH = 12  # digits of a number of bytes


class AnswerError(RemError):
    """A host did not answer as host.sh does."""

    code = "answer"


class Refused(NamedTuple):
    """Why a host changed nothing."""

    stale: bool  # something changed since it was looked at
    why: str


def paths(wanted: Iterable[str]) -> bytes:
    """The input of `look`."""
    return "".join(f"{path}\n" for path in sorted(wanted)).encode()


def looked(answer: bytes) -> Looked:
    """What `look` said; AnswerError when it is not whole or says why not."""
    rows = answer.decode("utf-8", "surrogateescape").split("\n")
    if rows[-2:] != ["done", ""]:
        said = next((row.split("\t")[-1] for row in rows if row.startswith("no\t")), "")
        raise AnswerError(said or "it did not answer to the end")
    owned: dict[str, Owned] = {}
    pending: dict[str, Owned] = {}
    seen: dict[str, Seen] = {}
    others: dict[str, str] = {}
    idle: dict[str, str] = {}
    facts = {"user": "", "group": "", "state": ""}
    unfinished = False
    try:
        for row in rows[:-2]:
            word, *fields = row.split("\t")
            if word == "rem":
                facts["user"], facts["group"] = fields
            elif word == "state":
                (facts["state"],) = fields
            elif word == "owned":
                owned[fields[5]] = _owned(fields)
            elif word == "journal":
                unfinished = True
                if fields[0] != "stage":
                    pending[fields[5]] = _owned(fields)
            elif word == "see":
                seen[fields[-1]] = _seen("\t".join(fields[:-1]))
            elif word == "other":
                others[fields[-1]] = _whose(fields[0])
            elif word == "idle":
                idle[fields[-1]] = fields[0]
    except (ValueError, IndexError) as error:
        raise AnswerError("what it keeps of REM cannot be read") from error
    for path, one in pending.items():  # it was switched before the apply was killed, or it was not
        if seen.get(path, Seen("none")).sha256 == one.sha256:
            owned[path] = one
    return Looked(facts["user"], facts["group"], owned, seen, others, idle, facts["state"], unfinished)


def _owned(fields: Sequence[str]) -> Owned:
    kind, sha256, mode, generation, keep, path = fields
    return Owned(kind, sha256, int(mode, 8), int(generation), keep == "keep", path)


def _seen(text: str) -> Seen:
    how, *rest = text.split(" ")
    if how != "file":
        return Seen(how, text=text)
    sha256, mode, owner, group = rest
    return Seen("file", sha256, int(mode, 8), owner, group, text)


def _whose(folder: str) -> str:
    environment, _, rest = folder.partition(".")
    host, _, repository = rest.rpartition(".")
    return f"{host} of {environment} of the repository {repository}"


def stage(steps: Sequence[Step], looked: Looked, token: str, generation: int) -> bytes:
    """The input of `stage`: where the bytes begin, the changes a field a line, then the manifests and the files."""
    base = dict(looked.owned)
    final = dict(base)
    for step in steps:
        if step.move in (Move.REMOVE, Move.RELEASE):
            final.pop(step.path, None)
        elif step.move is Move.ADOPT and step.owned is not None:
            final[step.path] = step.owned
        elif step.object is not None and step.acts:
            final[step.path] = _promised(step, generation)
    switching = [step for step in steps if step.move in (Move.CREATE, Move.CHANGE, Move.REMOVE, Move.ADOPT)]
    pending = [final[step.path] for step in switching if step.move is not Move.REMOVE]
    aside = [step.path.rpartition("/")[0] for step in switching if step.move is not Move.ADOPT]
    folders = dict.fromkeys(f"{folder}/.rem-{token}" for folder in aside)
    journal = _manifest(pending) + "".join(f"stage\t{folder}\n" for folder in folders).encode()
    lead = [_manifest(base.values()), _manifest(final.values()), journal]
    blobs = [*lead, *(step.object.content for step in switching if step.object is not None)]
    at = sum(map(len, lead))
    fields: list[str] = []
    for step in switching:
        fields += _change(step, at, looked)
        at += len(step.object.content) if step.object is not None else 0
    rest = "".join(f"{field}\n" for field in [*fields, "end"]).encode("utf-8", "surrogateescape")
    tail = " ".join([*(str(len(one)) for one in lead), looked.state]).encode()
    first = _WIDTH + 1 + len(tail) + 1 + len(rest)
    return b"%*d %s\n" % (_WIDTH, first, tail) + rest + b"".join(blobs)


def content(answer: bytes) -> bytes:
    """What `read` said; AnswerError."""
    first, _, rest = answer.partition(b"\n")
    if first != b"file":
        raise AnswerError(answer.decode("utf-8", "replace").strip().rpartition("\t")[2] or "it did not answer")
    return rest


def outcome(answer: bytes) -> Refused | None:
    """What `stage`, `switch` and `confirm` said: None when all is done; AnswerError."""
    last = answer.decode("utf-8", "replace").rstrip("\n").rpartition("\n")[2]
    if last == "done":
        return None
    word, *fields = last.split("\t")
    if word != "no" or len(fields) < 3:
        raise AnswerError("it did not answer to the end")
    return Refused(fields[0] == "stale", fields[2])


def _promised(step: Step, generation: int) -> Owned:
    assert step.object is not None
    one = step.object
    return Owned(one.kind, hashlib.sha256(one.content).hexdigest(), one.mode, generation, one.keep, one.path)


def _manifest(owned: Iterable[Owned]) -> bytes:
    rows = (
        f"{one.kind}\t{one.sha256}\t{one.mode:04o}\t{one.generation}\t{'keep' if one.keep else '-'}\t{one.path}\n"
        for one in sorted(owned, key=lambda one: one.path)
    )
    return "".join(rows).encode()


def _change(step: Step, at: int, looked: Looked) -> list[str]:
    one = step.object
    if one is None:
        op = "take" if step.move is Move.ADOPT else "drop"
        kind = step.owned.kind if step.owned is not None else "-"
        return [op, step.path, step.before, "-", "0", "0", "-", "", "", "-", kind, "0"]
    sha256 = hashlib.sha256(one.content).hexdigest()
    owner, group = one.owner or looked.user, one.group or looked.group
    where = [str(len(one.content)), str(at), f"{one.mode:04o}", owner, group]
    check = [word.replace("\\", "\\\\").replace("\n", "\\n") for word in one.check]
    above = {(True, False): "make", (True, True): "make guarded", (False, True): "guarded"}
    parents = above.get((one.parents, one.guarded), "-")
    return ["put", one.path, step.before, sha256, *where, parents, one.kind, str(len(check)), *check]
