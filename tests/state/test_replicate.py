"""Two stores that part and join: each holds everything once, whatever is cut off and however often it is run."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.state import Line, Put, StateError, replicate
from rem_cli.state.copies import NotTheSame
from rem_cli.state.sqlite import SqliteState

BUCKETS = ["shop/state/facts", "shop/counters/hits"]
FACTS, HITS = BUCKETS
NOW = 1_700_000_000.0


class Cut(Exception):
    """The link broke."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Callable[[str], SqliteState]]:
    """Opens the store of a node."""
    opened: list[SqliteState] = []

    def node(name: str) -> SqliteState:
        opened.append(SqliteState(tmp_path / name, name, SystemClock()))
        return opened[-1]

    yield node
    for state in opened:
        state.close()


def link(far: SqliteState) -> replicate.Ask:
    return lambda request: replicate.answer(far, request, NOW)


def known(state: SqliteState, node: str, bucket: str = FACTS) -> dict[str, bytes | None]:
    """What a store has of a node's part."""
    entries = state.bucket(bucket).scan() if state.node == node else state.copied(bucket, node)
    return {entry.key: entry.body for entry in entries}


def write(state: SqliteState, rounds: int, seed: int) -> None:
    """Values, changed and dropped, lines of a topic, and counts."""
    bucket, chance = state.bucket(FACTS), random.Random(seed)
    for turn in range(rounds):
        key = f"{chance.randrange(20)}"
        alive = key in {entry.key for entry in bucket.scan(key)}
        if alive and chance.random() < 0.3:
            bucket.drop(key)
        else:
            bucket.commit([Put(key, chance.randbytes(20)), Line("news", f"{state.node}-{seed}-{turn}", key.encode())])
        state.counter(HITS).add()


def exchange(here: SqliteState, far: SqliteState) -> int:
    return replicate.push(here, link(far), BUCKETS).entries + replicate.pull(here, link(far), BUCKETS, NOW).entries


def test_70_two_that_were_parted_and_both_wrote_hold_everything_once(store: Callable[[str], SqliteState]) -> None:
    a, b = store("a"), store("b")
    for turn in range(3):
        write(a, 50, turn)
        write(b, 70, turn)
        assert exchange(a, b) > 0
        for node in (a, b):
            assert known(a, node.node) == known(b, node.node)
        assert a.counter(HITS).total() == b.counter(HITS).total()
        assert a.counter(HITS).total().by_node == {"a": 50 * (turn + 1), "b": 70 * (turn + 1)}
        assert exchange(a, b) == exchange(b, a) == 0


def test_70_lines_keep_the_order_of_their_commits(store: Callable[[str], SqliteState]) -> None:
    a, b = store("a"), store("b")
    for id in ("z", "a", "m"):
        a.bucket(FACTS).commit([Line("news", id, b"")])
    replicate.pull(b, link(a), BUCKETS, NOW)
    assert [entry.key for entry in b.copied(FACTS, "a")] == ["topic/news/z", "topic/news/a", "topic/news/m"]


@pytest.mark.parametrize("way", ["push", "pull"])
def test_71_cut_off_at_every_message_it_goes_on_where_it_ended(
    store: Callable[[str], SqliteState], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Cut points: before each request arrives, and before each reply does."""
    monkeypatch.setattr(replicate, "SIZE", 600)  # bytes: many requests
    a, b = store("a"), store("b")
    write(a, 40, 1)
    write(b, 40, 2)
    reached, cuts = False, 0
    while not reached:
        for before in (True, False):
            seen = 0

            def cutting(request: bytes, before: bool = before) -> bytes:
                nonlocal seen
                seen += 1
                if seen == 2 and before:
                    raise Cut
                reply = link(b)(request)
                if seen == 2:
                    raise Cut
                return reply

            try:
                if way == "push":
                    replicate.push(a, cutting, BUCKETS)
                else:
                    replicate.pull(a, cutting, BUCKETS, NOW)
                reached = True
            except Cut:
                cuts += 1
    assert cuts > 5
    far, near = (b, a) if way == "push" else (a, b)
    assert known(far, near.node) == known(near, near.node)
    assert known(far, near.node, HITS) == {near.node: b"40"}


def test_72_a_store_that_was_restored_is_not_merged_but_taken_anew_when_asked(
    store: Callable[[str], SqliteState], tmp_path: Path
) -> None:
    a, b = store("a"), store("b")
    a.bucket(FACTS).put("old", b"1")
    a.close()
    shutil.copytree(tmp_path / "a", tmp_path / "backup")
    a.bucket(FACTS).put("lost", b"2")
    replicate.pull(b, link(a), BUCKETS, NOW)
    a.close()
    shutil.rmtree(tmp_path / "a")
    shutil.copytree(tmp_path / "backup", tmp_path / "a")
    for act in (lambda: replicate.pull(b, link(a), BUCKETS, NOW), lambda: replicate.push(a, link(b), BUCKETS)):
        with pytest.raises(NotTheSame, match="it was restored from a backup; nothing was taken over"):
            act()
    assert known(b, "a") == {"old": b"1", "lost": b"2"}
    assert replicate.pull(b, link(a), BUCKETS, NOW, afresh=True).entries == 1
    assert known(b, "a") == {"old": b"1"}


@pytest.mark.parametrize("way", ["push", "pull"])
def test_72_a_store_that_was_made_anew_does_not_wipe_the_only_copy(
    store: Callable[[str], SqliteState], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    a, b = store("a"), store("b")
    write(a, 30, 1)
    replicate.pull(b, link(a), BUCKETS, NOW)
    before = known(b, "a")
    a.close()
    shutil.rmtree(tmp_path / "a")
    write(a, 60, 2)
    monkeypatch.setattr(replicate, "SIZE", 600)

    def carry(afresh: bool) -> None:
        if way == "push":
            replicate.push(a, link(b), BUCKETS, afresh=afresh)
        else:
            replicate.pull(b, link(a), BUCKETS, NOW, afresh=afresh)

    with pytest.raises(NotTheSame, match="its store was made anew since; nothing was taken over"):
        carry(False)
    assert known(b, "a") == before
    carry(True)
    assert known(b, "a") == known(a, "a")
    assert b.counter(HITS).total().by_node == {"a": 60}


def test_73_a_third_gets_it_by_way_of_the_second_and_then_has_nothing_to_ask_the_first(
    store: Callable[[str], SqliteState],
) -> None:
    a, b, c = store("a"), store("b"), store("c")
    write(a, 30, 1)
    replicate.pull(b, link(a), BUCKETS, NOW)
    replicate.push(b, link(c), BUCKETS)
    assert known(c, "a") == known(a, "a")
    assert replicate.pull(c, link(a), BUCKETS, NOW).entries == 0
    write(a, 1, 2)
    assert replicate.pull(c, link(a), BUCKETS, NOW).entries > 0
    assert replicate.push(b, link(c), BUCKETS).entries == 0  # what it has is older
    assert known(c, "a") == known(a, "a")


def test_74_what_was_dropped_while_the_other_was_away_is_gone_on_both(store: Callable[[str], SqliteState]) -> None:
    a, b = store("a"), store("b")
    for key in ("kept", "gone", "swept"):
        a.bucket(FACTS).put(key, b"1")
    exchange(a, b)
    a.bucket(FACTS).drop("gone")
    exchange(a, b)
    assert known(b, "a") == {"kept": b"1", "swept": b"1"}
    a.bucket(FACTS).drop("swept")
    assert (
        a.bucket(FACTS).sweep(SystemClock().now() + 1) == 2
    )  # its tombstone is forgotten before the other heard of it
    a.bucket(FACTS).put("new", b"1")
    exchange(a, b)
    assert known(b, "a") == {"kept": b"1", "new": b"1"}
    assert exchange(a, b) == 0


def test_74_an_item_that_was_put_away_and_begun_anew_leaves_nothing_of_the_old(
    store: Callable[[str], SqliteState],
) -> None:
    a, b = store("a"), store("b")
    a.bucket(FACTS).put("old", b"1")
    exchange(a, b)
    a.forget(FACTS)
    a.bucket(FACTS).put("new", b"1")
    exchange(a, b)
    assert known(b, "a") == {"new": b"1"}


def test_76_a_key_that_both_wrote_is_kept_of_both(store: Callable[[str], SqliteState]) -> None:
    a, b = store("a"), store("b")
    a.bucket(FACTS).put("owner", b"ana")
    b.bucket(FACTS).put("owner", b"ben")
    exchange(a, b)
    for state in (a, b):
        assert (known(state, "a"), known(state, "b")) == ({"owner": b"ana"}, {"owner": b"ben"})


def test_80_of_many_origins_with_one_change_one_entry_is_carried_in_one_round(
    store: Callable[[str], SqliteState],
) -> None:
    hub, b = store("hub"), store("b")
    for number in range(100):
        site = store(f"site{number}")
        site.bucket(FACTS).put("load", b"%d" % number)
        replicate.push(site, link(hub), BUCKETS)
    assert replicate.pull(b, link(hub), BUCKETS, NOW).entries == 100
    site.bucket(FACTS).put("load", b"high")
    replicate.push(site, link(hub), BUCKETS)
    moved = replicate.pull(b, link(hub), BUCKETS, NOW)
    assert (moved.entries, moved.requests) == (1, 2)  # the second learns that there is no more


def test_two_of_one_name_are_refused(store: Callable[[str], SqliteState], tmp_path: Path) -> None:
    a, twin = store("a"), SqliteState(tmp_path / "twin", "a", SystemClock())
    a.bucket(FACTS).put("owner", b"ana")
    with pytest.raises(StateError, match="both ends call themselves 'a'; nothing was carried"):
        replicate.push(a, link(twin), BUCKETS)
    twin.close()


@pytest.mark.parametrize(
    "request_",
    [b"", b"[]", b"{}", b"\xff", b'{"schema": "rem.replicate/9"}', b'{"schema": "rem.replicate/1", "ask": "changes"}',
     b'{"schema": "rem.replicate/1", "ask": "apply", "node": "b", "buckets": [], "batches": [[1, 2]]}'],
)  # fmt: skip
def test_a_damaged_request_is_answered_and_changes_nothing(
    store: Callable[[str], SqliteState], request_: bytes
) -> None:
    a = store("a")
    with pytest.raises(StateError):
        replicate._asked(lambda _: replicate.answer(a, request_, NOW), {})
    assert a.copies() == []


@pytest.mark.parametrize("reply", [b"", b"bash: rem: not found", b"[]", b"{}", b'{"schema": "rem.replicate/9"}'])
def test_a_far_end_that_says_something_else_is_told(store: Callable[[str], SqliteState], reply: bytes) -> None:
    with pytest.raises(StateError, match="the far end"):
        replicate.pull(store("a"), lambda request: reply, BUCKETS, NOW)
