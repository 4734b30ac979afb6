"""The cache is a help and never a witness: whatever is wrong with a file of it, it counts as no file."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from rem_cli.check import settled
from rem_cli.check.cache import MOST_VERDICTS, Cache

CONTENT = {"a": [1, "two", ("three", None)]}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / ".rem"
    folder.mkdir(mode=0o700)
    return folder


def test_what_is_put_is_there_for_the_next_process(state: Path) -> None:
    Cache(state).put("verdict-1", CONTENT)
    assert Cache(state).get("verdict-1") == CONTENT
    assert Cache(state).get("verdict-2") is None
    assert [oct(path.stat().st_mode)[-3:] for path in (state / "cache", state / "cache" / "verdict-1")] == [
        "700",
        "600",
    ]


def test_bytes_that_are_not_the_ones_written_are_none(state: Path) -> None:
    Cache(state).put("verdict-1", CONTENT)
    file = state / "cache" / "verdict-1"
    whole = file.read_bytes()
    chosen = random.Random(7)
    for _ in range(300):
        at = chosen.randrange(len(whole))
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ (1 << chosen.randrange(8))]) + whole[at + 1 :]):
            file.write_bytes(damaged)
            assert Cache(state).get("verdict-1") is None
    file.write_bytes(whole)
    assert Cache(state).get("verdict-1") == CONTENT


def test_a_file_of_another_rem_is_none(state: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "types.yaml").write_text("a: 1\n")
    Cache(state, [base]).put("verdict-1", CONTENT)
    assert Cache(state, [base]).get("verdict-1") == CONTENT
    (base / "types.yaml").write_text("a: 12\n")
    assert Cache(state, [base]).get("verdict-1") is None


def test_a_file_made_with_other_libraries_is_none(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another database of time zones makes another name right."""
    libraries = tmp_path / "site-packages"
    libraries.mkdir()
    monkeypatch.syspath_prepend(str(libraries))
    Cache(state).put("verdict-1", CONTENT)
    assert Cache(state).get("verdict-1") == CONTENT
    (libraries / "tzdata-2027.1.dist-info").mkdir()
    os.utime(libraries, ns=(1, 1))
    assert Cache(state).get("verdict-1") is None


def test_a_copy_is_none(state: Path) -> None:
    """Also one that a repository brings: nobody knows the inode that git will give it."""
    Cache(state).put("verdict-1", CONTENT)
    file = state / "cache" / "verdict-1"
    shutil.copy2(file, state / "cache" / "copied")
    (state / "cache" / "copied").rename(file)
    assert Cache(state).get("verdict-1") is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_file_that_others_may_read_or_write_is_none(state: Path, mode: int) -> None:
    Cache(state).put("verdict-1", CONTENT)
    (state / "cache" / "verdict-1").chmod(mode)
    assert Cache(state).get("verdict-1") is None


@pytest.mark.parametrize("mode", [0o770, 0o777, 0o702])
def test_in_a_state_folder_that_others_may_write_to_nothing_is_kept(state: Path, mode: int) -> None:
    Cache(state).put("verdict-1", CONTENT)
    state.chmod(mode)
    assert Cache(state).get("verdict-1") is None
    Cache(state).put("verdict-2", CONTENT)
    assert not (state / "cache" / "verdict-2").exists()


def test_links_are_not_followed(state: Path, tmp_path: Path) -> None:
    Cache(state).put("verdict-1", CONTENT)
    file = state / "cache" / "verdict-1"
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert Cache(state).get("verdict-1") is None
    (tmp_path / "linked").symlink_to(state)
    Cache(tmp_path / "linked").put("verdict-2", CONTENT)
    assert not (state / "cache" / "verdict-2").exists()


def test_without_a_state_folder_nothing_is_made(tmp_path: Path) -> None:
    cache = Cache(tmp_path / ".rem")
    cache.put("verdict-1", CONTENT)
    assert cache.get("verdict-1") is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_cache_is_no_error(state: Path) -> None:
    (state / "cache").write_text("in the way")
    cache = Cache(state)
    cache.put("verdict-1", CONTENT)
    assert cache.get("verdict-1") is None
    assert (state / "cache").read_text() == "in the way"


def test_old_verdicts_make_room(state: Path) -> None:
    cache = Cache(state)
    for number in range(MOST_VERDICTS + 5):
        cache.put(f"verdict-{number}", CONTENT)
        os.utime(state / "cache" / f"verdict-{number}", (number, number))
    kept = sorted(int(path.name.partition("-")[2]) for path in (state / "cache").iterdir())
    assert kept == list(range(5, MOST_VERDICTS + 5))


SECOND = 1_000_000_000  # ns


@pytest.mark.parametrize(
    ("changed", "now", "is_settled"),
    [
        (10 * SECOND + 7, 10 * SECOND + 7, False),  # written at this moment
        (10 * SECOND + 7, 10 * SECOND + 15_000_000, False),  # the file system's clock may stand still as long
        (10 * SECOND + 7, 10 * SECOND + 30_000_000, True),
        (10 * SECOND, 11 * SECOND, False),  # whole seconds: a clock that counts in them, or in two
        (10 * SECOND, 13 * SECOND, True),
        (20 * SECOND + 7, 10 * SECOND, False),  # of the future: the machine's clock was set back
    ],
)
def test_a_young_file_is_read_again(changed: int, now: int, is_settled: bool) -> None:
    for times in ((changed, changed), (0, changed), (changed, 0)):
        assert settled(times, now) == is_settled
