"""What every engine of the state promises about changes that are made together."""

from __future__ import annotations

import pytest

from rem_cli.state import (
    Bucket,
    Drop,
    Line,
    LockLost,
    MissingKey,
    Put,
    StaleRevision,
    StateError,
    TooBig,
    topic_prefix,
)
from tests.contracts.conftest import Engine, HandClock


def test_14_of_three_changes_with_one_stale_none_happens(bucket: Bucket) -> None:
    revision = bucket.put("b", b"old")
    with pytest.raises(StaleRevision):
        bucket.commit([Put("a", b"new"), Put("b", b"new", revision + 9), Put("c", b"new")])
    assert [(entry.key, entry.body) for entry in bucket.scan()] == [("b", b"old")]


def test_14_a_commit_that_drops_what_is_not_there_does_nothing(bucket: Bucket) -> None:
    with pytest.raises(MissingKey):
        bucket.commit([Put("a", b"new"), Drop("b")])
    assert bucket.scan() == []


def test_15_two_keys_of_one_commit_are_never_seen_apart(engine: Engine) -> None:
    bucket = engine.state.bucket("pairs")
    workers = engine.others("pairs", workers=3, times=100)
    while any(worker.is_alive() for worker in workers):
        assert len({entry.body for entry in bucket.scan()}) <= 1
    assert len(bucket.scan()) == 2


def test_20_more_than_a_thousand_changes_at_once_are_refused(bucket: Bucket) -> None:
    with pytest.raises(TooBig):
        bucket.commit([Put(str(number), b"") for number in range(1001)])
    assert bucket.scan() == []
    bucket.commit([Put(str(number), b"") for number in range(1000)])
    assert len(bucket.scan()) == 1000


def test_17_a_commit_under_a_lock_is_taken_while_the_lock_is_ours(bucket: Bucket) -> None:
    lease = bucket.acquire("deploy", 60)
    assert bucket.commit([Put("a", b"1")], holding=lease) > lease.fence
    bucket.break_lock("deploy", lease.fence)
    with pytest.raises(LockLost, match="nobody has it now"):
        bucket.commit([Put("a", b"2"), Put("b", b"2")], holding=lease)
    assert [(entry.key, entry.body) for entry in bucket.scan()] == [("a", b"1")]


def test_18_who_slept_past_the_lease_writes_nothing_once_another_has_it(bucket: Bucket, clock: HandClock) -> None:
    asleep = bucket.acquire("deploy", 60)
    clock.passes(61)
    bucket.acquire("deploy", 60)
    with pytest.raises(LockLost, match=r"here.* has it now"):
        bucket.commit([Put("a", b"late")], holding=asleep)
    assert bucket.scan() == []


def test_18_nobody_took_it_so_the_late_one_is_still_alone(bucket: Bucket, clock: HandClock) -> None:
    lease = bucket.acquire("deploy", 60)
    clock.passes(61)
    assert bucket.commit([Put("a", b"1")], holding=lease) > 0


def test_17_a_lease_of_another_bucket_protects_nothing_here(engine: Engine, bucket: Bucket) -> None:
    lease = engine.state.bucket("other").acquire("deploy", 60)
    with pytest.raises(LockLost):
        bucket.commit([Put("a", b"1")], holding=lease)


def test_19_the_same_line_twice_is_one(bucket: Bucket) -> None:
    first = bucket.commit([Line("news", "1", b"hello")])
    assert first > 0
    assert bucket.commit([Line("news", "1", b"hello again")]) == 0
    assert [(one.body, one.revision) for one in bucket.since(0, topic_prefix("news"))] == [(b"hello", first)]


def test_19_a_change_and_the_message_about_it_are_one_commit(bucket: Bucket) -> None:
    bucket.put("room", b"old")
    with pytest.raises(StaleRevision):
        bucket.commit([Line("news", "1", b"room changed"), Put("room", b"new", if_revision=0)])
    assert bucket.since(0, topic_prefix("news")) == []
    last = bucket.commit([Put("room", b"new"), Line("news", "1", b"room changed")])
    assert [one.revision for one in bucket.since(0, topic_prefix("news"))] == [last]


def test_20_a_topic_with_a_slash_would_be_two(bucket: Bucket) -> None:
    with pytest.raises(StateError, match="the topic 'a/b' has a slash in its name"):
        bucket.commit([Line("a/b", "1", b"")])
