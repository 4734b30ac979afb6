"""Files of a host that REM owns: made, changed, taken away, and never one that is not REM's."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import pytest

from rem_cli.plan.footprint import Looked, Object
from rem_cli.plan.footprint.steps import Move
from tests.plan.footprint.yard import Yard, moves


def test_a3_a_file_is_made_whole_with_its_mode_and_is_rems(yard: Yard) -> None:
    motd = yard.object("motd", "one\n\x00two", mode=0o640)
    assert moves(yard.plan(motd)) == ["create"]
    assert yard.put(motd) is None
    assert yard.there() == {"motd": "one\n\x00two"}
    assert stat.S_IMODE((yard.folder / "motd").stat().st_mode) == 0o640
    assert moves(yard.plan(motd)) == ["unchanged"]


def test_looking_writes_nothing(yard: Yard, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    yard.look(yard.object("motd"))
    assert sorted(tmp_path.rglob("*")) == before


class Change(TypedDict, total=False):
    content: str
    mode: int


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"content": "bye\n"}, "content"),
        ({"mode": 0o600}, "mode 0644 → 0600"),
        ({"content": "bye\n", "mode": 0o600}, "content, mode 0644 → 0600"),
    ],
    ids=["content", "mode", "both"],
)
def test_a_change_says_what_differs(yard: Yard, change: Change, why: str) -> None:
    yard.put(yard.object("motd"))
    (step,) = yard.plan(yard.object("motd", **change))
    assert (step.move, step.why, step.by_hand) == (Move.CHANGE, why, False)
    assert yard.put(yard.object("motd", **change)) is None
    assert moves(yard.plan(yard.object("motd", **change))) == ["unchanged"]


def test_a7_what_nothing_wants_any_more_is_removed_and_what_is_kept_is_let_go(yard: Yard) -> None:
    yard.put(yard.object("motd"), yard.object("issue", keep=True))
    assert moves(yard.plan()) == ["release", "remove"]
    assert yard.put() is None
    assert yard.there() == {"issue": "hello\n"}
    assert yard.plan() == []


def test_56_a_file_that_is_not_rems_is_a_conflict_also_with_the_same_content(yard: Yard) -> None:
    (yard.folder / "motd").write_text("hello\n")
    (step,) = yard.plan(yard.object("motd"))
    assert (step.move, step.why) == (Move.CONFLICT, "is there already and is not REM's")
    assert step.hint == f"rem adopt web01 {yard.folder}/motd"


def test_56_a_file_of_another_repository_is_a_conflict_that_names_it(yard: Yard) -> None:
    other = Yard(yard.folder, yard.hosts._transports)
    other.hosts._repository = "cd" * 20
    other.put(other.object("motd"))
    (step,) = yard.plan(yard.object("motd"))
    assert (step.move, step.why) == (
        Move.CONFLICT, "belongs to web01 of production of the repository cdcdcdcdcdcdcdcd",
    )  # fmt: skip


def test_56_what_was_changed_by_hand_is_said_and_put_right(yard: Yard) -> None:
    motd = yard.object("motd")
    yard.put(motd)
    (yard.folder / "motd").write_text("mine\n")
    (step,) = yard.plan(motd)
    assert (step.move, step.why, step.by_hand) == (Move.CHANGE, "content", True)
    assert yard.put(motd) is None
    assert yard.there() == {"motd": "hello\n"}


def test_what_was_removed_by_hand_is_made_again(yard: Yard) -> None:
    motd = yard.object("motd")
    yard.put(motd)
    (yard.folder / "motd").unlink()
    (step,) = yard.plan(motd)
    assert (step.move, step.why, step.by_hand) == (Move.CREATE, "was removed by hand", True)


def _link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_link, "is a symbolic link, which REM does not follow"),
        (Path.mkdir, "is a folder"),
        (os.mkfifo, "is no regular file"),
    ],
    ids=["link", "folder", "fifo"],
)
def test_57_no_file_takes_the_place_of_what_is_none(yard: Yard, make: Callable[[Path], object], why: str) -> None:
    make(yard.folder / "motd")
    (step,) = yard.plan(yard.object("motd"))
    assert (step.move, step.why) == (Move.BLOCKED, why)


def test_57_no_folder_is_reached_through_a_link(yard: Yard) -> None:
    (yard.folder / "real").mkdir()
    (yard.folder / "conf.d").symlink_to("real")
    (step,) = yard.plan(yard.object("conf.d/x"))
    assert (step.move, step.why) == (Move.BLOCKED, "is reached through a symbolic link")
    assert step.hint == f"name the folder itself: {yard.folder}/real"


def test_57_a_link_put_there_after_looking_stops_it(yard: Yard) -> None:
    motd = yard.object("motd")
    looked = yard.look(motd)
    (yard.folder / "motd").symlink_to(yard.folder / "elsewhere")
    failed = yard.put(motd, looked=looked)
    assert failed is not None
    assert (failed.why, failed.stale) == (f"{yard.folder}/motd changed since it was looked at", True)
    assert yard.there() == {"motd": ""}


def test_a_folder_that_is_not_there_is_said_or_made_where_that_is_wanted(yard: Yard) -> None:
    (step,) = yard.plan(yard.object("new/x"))
    assert (step.move, step.why) == (Move.BLOCKED, "lies in a folder that is not there")
    assert yard.put(yard.object("new/x", parents=True)) is None
    assert yard.there() == {"new": "", "new/x": "hello\n"}


def test_a_check_sees_the_staged_file_under_its_own_name(yard: Yard) -> None:
    words = ("sh", "-c", 'test "${1##*/}" = "a b.conf" && grep -q hello "$1" && test ! -e ../a\\ b.conf', "check")
    assert yard.put(yard.object("a b.conf", check=words)) is None
    assert yard.there() == {"a b.conf": "hello\n"}


def test_a_check_that_fails_leaves_all_as_it_was(yard: Yard) -> None:
    yard.put(yard.object("a"))
    failed = yard.put(yard.object("a", "new\n"), yard.object("b", check=("sh", "-c", "echo no good; exit 3")))
    assert failed is not None
    assert failed.why == f"sh says no to {yard.folder}/b (exit 3): no good"
    assert yard.there() == {"a": "hello\n"}
    assert moves(yard.plan(yard.object("a"))) == ["unchanged"]


def test_words_of_a_check_are_never_read_by_a_shell(yard: Yard) -> None:
    nasty = ["$(touch x)", "`touch x`", "; touch x", "a\nb\n", "back\\slash\\n", "%s%d", "'\"", ""]
    script = "shift $(($# - 1)); :"
    told = yard.folder / "told"
    words = ("sh", "-c", f'printf "%s\\0" "$@" >{told}; {script}', "check", *nasty)
    assert yard.put(yard.object("a", check=words)) is None
    assert told.read_text().split("\0")[: len(nasty)] == nasty
    assert sorted(yard.there()) == ["a", "told"]


@pytest.mark.parametrize("name", ["a b", "-rf", "$(touch x)", "'q'", '"', "ü", "x" * 250, "%n", "*"])
def test_20_names_are_only_names(yard: Yard, name: str) -> None:
    assert yard.put(yard.object(name)) is None
    assert yard.there() == {name: "hello\n"}
    assert moves(yard.plan(yard.object(name))) == ["unchanged"]
    assert yard.put() is None
    assert yard.there() == {}


def test_57_another_owner_that_does_not_exist_is_said(yard: Yard) -> None:
    failed = yard.put(yard.object("a", owner="nobody-of-this-name"))
    assert failed is not None
    assert failed.why.startswith(f"cannot give {yard.folder}/a to nobody-of-this-name: ")
    assert yard.there() == {}


def test_what_is_switched_comes_back_when_a_later_file_fails(yard: Yard) -> None:
    """The second file is there already, put by its own check: only the switch finds out."""
    late = f"printf mine > {yard.folder}/b"
    failed = yard.put(yard.object("a"), yard.object("b", check=("sh", "-c", late)))
    assert failed is not None
    assert failed.why == f"{yard.folder}/b changed since it was looked at"
    assert yard.there() == {"b": "mine"}


def test_53_a_second_writer_is_noticed(yard: Yard) -> None:
    motd = yard.object("motd")
    looked = yard.look(motd)
    yard.put(yard.object("issue"))
    failed = yard.put(motd, looked=looked)
    assert failed is not None
    assert failed.why == "somebody else changed files of REM there since it was looked at"
    assert yard.there() == {"issue": "hello\n"}


def test_a_large_file_arrives_whole(yard: Yard) -> None:
    content = "".join(chr(32 + number % 90) for number in range(3_000_000))
    assert yard.put(yard.object("big", content), yard.object("small")) is None
    assert yard.there() == {"big": content, "small": "hello\n"}


def test_10_a_state_folder_that_others_may_write_to_is_refused(yard: Yard, tmp_path: Path) -> None:
    yard.put(yard.object("motd"))
    (home,) = (tmp_path / "home/.local/state/rem/footprint").iterdir()
    home.chmod(0o777)
    looked = yard.look(yard.object("motd"))
    assert not isinstance(looked, Looked)
    assert looked.why == f"{home} is open to others (chmod 700 {home})"


def test_57_a_read_only_file_system_is_said_and_leaves_all_as_it_was(yard: Yard) -> None:
    """/proc is one, also for root: nobody makes a folder there."""
    wanted = Object("file", "/proc/rem-motd", "shop/files/motd", b"hello\n")
    failed = yard.put(yard.object("a"), wanted)
    assert failed is not None
    assert failed.why.startswith("cannot write in /proc: ")
    assert yard.there() == {}
