"""What every engine of the state promises about values. Numbers are those of the contract's cases."""

from __future__ import annotations

import pytest

from rem_cli.state import Bucket, Drop, MissingKey, Put, StaleRevision, StateError, TooBig
from tests.contracts.conftest import START, Engine


def names(bucket: Bucket, prefix: str = "", until: str | None = None, limit: int | None = None) -> list[str]:
    return [entry.key for entry in bucket.scan(prefix, until=until, limit=limit)]


def test_1_an_empty_bucket_has_no_key(bucket: Bucket) -> None:
    with pytest.raises(MissingKey, match="there is no key 'a'"):
        bucket.get("a")
    assert bucket.scan() == []


def test_2_what_was_put_is_got_with_who_and_when(bucket: Bucket) -> None:
    revision = bucket.put("a", b"body")
    entry = bucket.get("a")
    assert (entry.key, entry.body, entry.revision) == ("a", b"body", revision)
    assert (entry.at, entry.origin) == (START, "here")


def test_3_revisions_rise_with_every_change(bucket: Bucket) -> None:
    revisions = [bucket.put("a", b"1"), bucket.put("b", b"1"), bucket.drop("b"), bucket.put("a", b"2")]
    revisions.append(bucket.commit([Put("c", b""), Drop("c"), Put("c", b"")]))
    assert revisions == sorted(set(revisions))
    assert revisions[0] > 0
    assert bucket.get("c").revision == revisions[-1]


def test_4_a_key_that_must_not_exist_and_does_is_shown(bucket: Bucket) -> None:
    bucket.put("a", b"first", if_revision=0)
    with pytest.raises(StaleRevision) as refused:
        bucket.put("a", b"second", if_revision=0)
    assert refused.value.present == bucket.get("a")
    assert bucket.get("a").body == b"first"


def test_5_only_the_revision_that_was_read_may_be_written_over(bucket: Bucket) -> None:
    old = bucket.put("a", b"1")
    new = bucket.put("a", b"2", if_revision=old)
    for change in (lambda: bucket.put("a", b"3", if_revision=old), lambda: bucket.drop("a", if_revision=old)):
        with pytest.raises(StaleRevision, match=f"is at revision {new}, not at revision {old}"):
            change()
    assert bucket.drop("a", if_revision=new) > new


def test_5_a_revision_of_a_key_that_is_not_there_is_stale(bucket: Bucket) -> None:
    with pytest.raises(StaleRevision, match="does not exist") as refused:
        bucket.put("a", b"1", if_revision=7)
    assert refused.value.present is None


def test_6_eight_workers_counting_lose_no_count(engine: Engine) -> None:
    for worker in engine.others("count", workers=8, times=50):
        worker.join()
    assert engine.state.bucket("counts").get("number").body == b"400"


def test_7_a_dropped_key_is_gone_from_get_and_scan(bucket: Bucket) -> None:
    bucket.put("a", b"1")
    bucket.put("b", b"1")
    bucket.drop("a")
    with pytest.raises(MissingKey):
        bucket.get("a")
    assert names(bucket) == ["b"]
    with pytest.raises(MissingKey):
        bucket.drop("a")


def test_8_a_dropped_key_may_be_made_anew(bucket: Bucket) -> None:
    bucket.put("a", b"1")
    dropped = bucket.drop("a")
    assert bucket.put("a", b"2", if_revision=0) > dropped
    assert bucket.get("a").body == b"2"


@pytest.mark.parametrize(
    "body", [b"", b"\0", bytes(range(256)), b"x" * (1 << 20)], ids=["empty", "NUL", "all", "1 MiB"]
)
def test_10_any_body_comes_back_as_it_was(bucket: Bucket, body: bytes) -> None:
    bucket.put("a", body)
    assert bucket.get("a").body == body
    assert [entry.body for entry in bucket.scan()] == [body]


def test_10_a_body_over_the_bound_is_not_written(bucket: Bucket) -> None:
    with pytest.raises(TooBig):
        bucket.commit([Put("a", b"1"), Put("b", b"x" * ((1 << 20) + 1))])
    assert bucket.scan() == []


KEYS = ["a b", "a.b", "a*", "a>", "a/b", "a%", "a_", "a\0b", "a\nb", "ä", "鍵", "\ud7ff", "\ue000", "A", "a", ""]
KEYS += ["\U0010ffff", "a\U0010ffff", "a\U0010ffffb"]


def test_11_any_text_is_a_key_and_keys_are_in_code_point_order(bucket: Bucket) -> None:
    for key in KEYS:
        bucket.put(key, key.encode())
    assert names(bucket) == sorted(KEYS)
    for prefix in [*KEYS, "a\U0010ffff", "a*b"]:
        assert names(bucket, prefix) == [key for key in sorted(KEYS) if key.startswith(prefix)]


def test_11_a_key_that_is_no_text_or_too_long_is_refused(bucket: Bucket) -> None:
    with pytest.raises(StateError, match="is no text"):
        bucket.put("\ud800", b"")
    with pytest.raises(TooBig):
        bucket.put("ä" * 513, b"")


def test_12_a_scan_is_bounded_by_prefix_until_and_limit(bucket: Bucket) -> None:
    for key in ("due/01", "due/02", "due/03", "other"):
        bucket.put(key, b"")
    assert names(bucket, "due/") == ["due/01", "due/02", "due/03"]
    assert names(bucket, "due/", until="due/03") == ["due/01", "due/02"]
    assert names(bucket, "due/", limit=1) == ["due/01"]
    assert names(bucket, "none") == names(bucket, limit=0) == []


def test_12_a_scan_while_others_write_is_of_one_moment(engine: Engine) -> None:
    """Keys of one worker appear in order: with a later one, every earlier even one is there."""
    bucket = engine.state.bucket("keys")
    workers = engine.others("keys", workers=4, times=100)
    while any(worker.is_alive() for worker in workers):
        seen = names(bucket)
        assert seen == sorted(seen)
        for number in range(4):
            turns = [int(key.partition("/")[2]) for key in seen if key.startswith(f"{number}/")]
            assert set(range(0, max(turns, default=0), 2)) <= set(turns)
    assert len(names(bucket)) == 4 * 50


def test_no_change_at_all_is_a_commit_too(bucket: Bucket) -> None:
    assert bucket.commit([]) == 0


def test_buckets_do_not_see_each_other(engine: Engine) -> None:
    engine.state.bucket("one").put("a", b"1")
    assert engine.state.bucket("two").scan() == []
    assert engine.state.bucket("two").put("a", b"2", if_revision=0) > 0
