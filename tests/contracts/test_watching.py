"""What every engine of the state promises whoever follows changes: watches and topics."""

from __future__ import annotations

import threading
from contextlib import closing

from rem_cli.state import Bucket, Entry, Line, Put, topic_prefix
from tests.contracts.conftest import Engine, HandClock


def told(entries: list[Entry]) -> list[tuple[str, bytes | None]]:
    return [(entry.key, entry.body) for entry in entries]


def test_21_from_the_beginning_the_newest_state_of_each_key(bucket: Bucket) -> None:
    for key, body in (("a", b"1"), ("b", b"1"), ("a", b"2")):
        bucket.put(key, body)
    with closing(bucket.watch()) as watch:
        assert told(watch.next()) == [("b", b"1"), ("a", b"2")]
        assert watch.next() == []


def test_7_21_a_dropped_key_is_told(bucket: Bucket) -> None:
    bucket.put("a", b"1")
    with closing(bucket.watch()) as watch:
        watch.next()
        dropped = bucket.drop("a")
        assert [(one.key, one.body, one.revision) for one in watch.next()] == [("a", None, dropped)]


def test_21_only_what_is_under_the_prefix(engine: Engine, bucket: Bucket) -> None:
    bucket.commit([Put("due/1", b""), Put("else", b"")])
    engine.state.bucket("another").put("due/2", b"")
    assert told(bucket.watch("due/").next()) == [("due/1", b"")]


def test_22_changes_by_others_are_each_seen_once_in_order(engine: Engine) -> None:
    bucket = engine.state.bucket("keys")
    workers = engine.others("keys", workers=4, times=100)
    seen: list[Entry] = []
    with closing(bucket.watch()) as watch:
        while any(worker.is_alive() for worker in workers):
            seen += watch.next(0.5)
        seen += watch.next()
    revisions = [entry.revision for entry in seen]
    assert revisions == sorted(set(revisions))
    newest = {entry.key: entry for entry in seen}
    assert sorted(key for key, entry in newest.items() if entry.body) == [entry.key for entry in bucket.scan()]
    assert len(newest) == 4 * 100


def test_23_a_watch_goes_on_where_another_ended(engine: Engine, bucket: Bucket) -> None:
    bucket.put("a", b"1")
    with closing(bucket.watch()) as watch:
        watch.next()
        position = watch.position
    bucket.commit([Put("b", b"1"), Put("a", b"2")])
    again = engine.again().bucket("runs").watch(after=position)
    assert told(again.next()) == [("b", b"1"), ("a", b"2")]


def test_25_where_nothing_changes_the_answer_is_empty(bucket: Bucket) -> None:
    bucket.put("a", b"1")
    with closing(bucket.watch(after=bucket.get("a").revision)) as watch:
        assert watch.next(0.02) == []


def test_26_a_commit_of_another_wakes_who_waits(engine: Engine, bucket: Bucket) -> None:
    seen: list[Entry] = []
    with closing(bucket.watch()) as watch:
        waiting = threading.Thread(target=lambda: seen.extend(watch.next(60)))
        waiting.start()
        engine.again().bucket("runs").put("a", b"1")
        waiting.join(30)
    assert told(seen) == [("a", b"1")]


def test_58_lines_of_several_are_in_one_order_and_each_ones_own(engine: Engine) -> None:
    for worker in engine.others("lines", workers=4, times=50):
        worker.join()
    bucket = engine.state.bucket("lines")
    lines = bucket.since(0, topic_prefix("news"))
    assert len(lines) == 200
    assert [one.revision for one in lines] == sorted({one.revision for one in lines})
    for number in range(4):
        own = [one.key for one in lines if one.key.startswith(f"{topic_prefix('news')}{number}-")]
        assert own == sorted(own)
    first = bucket.since(0, topic_prefix("news"), limit=70)
    assert first + bucket.since(first[-1].revision, topic_prefix("news")) == lines


def test_9_what_is_old_is_swept_and_values_stay(bucket: Bucket, clock: HandClock) -> None:
    bucket.commit([Put("kept", b"1"), Put("gone", b"1"), Line("news", "old", b"")])
    bucket.drop("gone")
    clock.passes(100)
    bucket.commit([Line("news", "new", b""), Put("late", b"1")])
    bucket.drop("late")
    assert bucket.sweep(clock.now() - 50) == 2
    assert [one.key for one in bucket.since(0)] == ["kept", f"{topic_prefix('news')}new", "late"]
    assert bucket.sweep(clock.now() - 50) == 0
