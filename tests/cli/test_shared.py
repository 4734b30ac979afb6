"""`rem state`, `rem queue`, `rem counter` and `rem locks`: what packages share, from scripts and by hand."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rem_cli import wire
from rem_cli.clock import SystemClock
from rem_cli.plan.activate import activating
from rem_cli.state.sqlite import SqliteState
from tests.cli.conftest import Repository
from tests.cli.terminal import typed

SHARED = """\
state:
  facts: {title: What is known}
  news: {topic: true, keep: 7d}
queues:
  orders: {bound: 3, deliveries: 2, lease: 1m}
  logs: {bound: 2, when full: drop oldest}
counters:
  hits: {}
locks:
  deploy: {}
"""
FACTS, NEWS, ORDERS, HITS = "shop/state/facts", "shop/state/news", "shop/queues/orders", "shop/counters/hits"


@pytest.fixture
def sharing(empty: Repository) -> Repository:
    empty.package.write_text("package: shop\nhosts: {web: {web01: {reach: local}}}\n" + SHARED)
    return empty.applied()


def told(repository: Repository, *words: str) -> tuple[int, str, str]:
    done = repository.rem(*words)
    return done.status, done.out, done.err


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_value_is_written_read_and_taken_away(sharing: Repository) -> None:
    assert told(sharing, "state", "set", FACTS, "owner", "ana") == (0, f"owner of {FACTS} is at revision 1\n", "")
    assert told(sharing, "state", "get", FACTS, "owner") == (0, "ana\n", "")
    assert told(sharing, "state", "delete", FACTS, "owner") == (0, f"deleted owner of {FACTS}\n", "")
    assert told(sharing, "state", "get", FACTS, "owner") == (
        9, "", f"rem: there is no 'owner' in {FACTS}\nhint: rem state list {FACTS}\n"
    )  # fmt: skip


def test_a_value_is_changed_only_where_it_is_as_it_was_read(sharing: Repository) -> None:
    assert sharing.rem("state", "set", FACTS, "n", "1", "--if-revision", "0").status == 0
    assert told(sharing, "state", "set", FACTS, "n", "2", "--if-revision", "0") == (
        8, "", "rem: 'n' is at revision 1, not at revision 0\nhint: read it again and decide anew\n"
    )  # fmt: skip
    assert sharing.rem("state", "delete", FACTS, "n", "--if-revision", "7").status == 8
    assert sharing.rem("state", "set", FACTS, "n", "2", "--if-revision", "1").status == 0


def test_a_value_comes_from_standard_input_byte_by_byte(sharing: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    body = bytes(range(256))
    feed(monkeypatch, body)
    assert sharing.rem("state", "set", FACTS, "bytes").status == 0
    document = sharing.rem("state", "get", FACTS, "bytes", "--format", "json").document
    assert (base64.b64decode(document["value"]), document["encoding"]) == (body, "base64")
    program = [sys.executable, "-m", "rem_cli", "state", "get", FACTS, "bytes", "--raw"]
    assert subprocess.run(program, cwd=sharing.root, capture_output=True, check=True).stdout == body
    assert "bytes as they are do not go to a terminal" in typed(sharing.root, "state", "get", FACTS, "bytes", "--raw")


def test_json_is_checked_and_read_back_as_what_it_says(sharing: Repository) -> None:
    assert sharing.rem("state", "set", FACTS, "o", '{"a": [1, "ä"]}', "--json").status == 0
    document = sharing.rem("state", "get", FACTS, "o", "--format", "json").document
    assert (document["value"], document["json"]) == ('{"a":[1,"ä"]}', {"a": [1, "ä"]})
    for wrong in ("{a: 1}", "NaN", "[" * 100_000):
        done = sharing.rem("state", "set", FACTS, "o", wrong, "--json")
        assert (done.status, "the value is no JSON" in done.err) == (2, True)


def test_what_is_nearest_is_said(sharing: Repository) -> None:
    sharing.rem("state", "set", FACTS, "owner", "ana")
    assert told(sharing, "state", "get", FACTS, "ower") == (
        9, "", f"rem: there is no 'ower' in {FACTS}\nhint: did you mean 'owner'?\n"
    )  # fmt: skip
    assert told(sharing, "queue", "peek", "shop/queues/order") == (
        9, "", f"rem: there is no 'order' in shop/queues\nhint: did you mean '{ORDERS}'\n"
    )  # fmt: skip
    assert told(sharing, "counter", "get", "shop/queues/orders")[0] == 9


def test_without_any_declaration_it_says_what_to_write(active: Repository) -> None:
    assert told(active, "queue", "take", "shop/queues/orders") == (
        9,
        "",
        "rem: no active package has queues\n"
        "hint: write a section 'queues' in a package, then: rem apply; rem schema show queues\n",
    )


def test_a_topic_is_read_in_order_from_any_position_and_a_message_comes_once(sharing: Repository) -> None:
    for id, body in (("b", "first"), ("a", "second"), ("b", "again")):
        assert sharing.rem("state", "set", NEWS, id, body).status == 0
    read = sharing.rem("state", "list", NEWS, "--format", "json").document["values"]
    assert [(one["key"], one["value"]) for one in read] == [("b", "first"), ("a", "second")]
    after = sharing.rem("state", "list", NEWS, "--after", str(read[0]["revision"]), "--format", "json").document
    assert [one["key"] for one in after["values"]] == ["a"]
    assert told(sharing, "state", "delete", NEWS, "a") == (
        2, "", f"rem: {NEWS} is a topic: its messages go with time\nhint: its field 'keep' says when\n"
    )  # fmt: skip


def test_old_messages_of_a_topic_go(sharing: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    sharing.rem("state", "set", NEWS, "old", "1")
    now = SystemClock().now()
    monkeypatch.setattr(SystemClock, "now", lambda self: now + 8 * 86400)
    sharing.rem("state", "set", NEWS, "new", "2")
    read = sharing.rem("state", "list", NEWS, "--format", "json").document["values"]
    assert [one["key"] for one in read] == ["new"]


def test_who_waits_for_a_change_sees_it(sharing: Repository) -> None:
    waiting = sharing.started("state", "list", FACTS, "--after", "0", "--wait", "1m", "--format", "json")
    sharing.rem("state", "set", FACTS, "owner", "ana")
    out, _ = waiting.communicate(timeout=60)
    assert [one["key"] for one in json.loads(out)["values"]] == ["owner"]


def test_a_message_is_taken_acknowledged_and_gone(sharing: Repository) -> None:
    assert told(sharing, "queue", "put", ORDERS, "order 7", "--id", "7") == (0, f"put 1 message into {ORDERS}\n", "")
    assert told(sharing, "queue", "put", ORDERS, "order 7", "--id", "7") == (
        0, f"put 0 messages into {ORDERS}, 1 known already\n", ""
    )  # fmt: skip
    assert told(sharing, "queue", "take", ORDERS) == (0, "1.1\torder 7\n", "")
    assert told(sharing, "queue", "take", ORDERS) == (9, "", f"no message in {ORDERS} waits for a worker\n")
    assert told(sharing, "queue", "ack", ORDERS, "1.1") == (0, f"1 message of {ORDERS} done\n", "")
    assert told(sharing, "queue", "ack", ORDERS, "1.1") == (
        8,
        "",
        f"rem: the claim '1.1' of {ORDERS} is over: its lease ended, or the message was done or given back\n"
        "hint: what it was for may be done twice; a longer lease, or extending it, keeps it\n",
    )
    assert told(sharing, "queue", "peek", ORDERS) == (0, f"no message in {ORDERS}\n", "")


def test_each_line_is_a_message_and_a_full_queue_takes_none_of_them(
    sharing: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(monkeypatch, b"a\nb\nc\nd\n")
    assert told(sharing, "queue", "put", ORDERS, "--lines") == (
        1, "", f"rem: {ORDERS} holds 3 messages, and that is all it may\nhint: let a worker take some\n"
    )  # fmt: skip
    feed(monkeypatch, b"a\nb\nc\nd\n")
    assert sharing.rem("queue", "put", "shop/queues/logs", "--lines").status == 0
    queues = {one["path"]: one for one in sharing.rem("queue", "list", "--format", "json").document["queues"]}
    assert (queues[ORDERS]["waiting"], queues[ORDERS]["oldest"]) == (0, None)
    assert (queues["shop/queues/logs"]["waiting"], queues["shop/queues/logs"]["dropped"]) == (2, 2)


def test_a_message_that_is_given_back_too_often_is_dead_until_it_is_revived(sharing: Repository) -> None:
    sharing.rem("queue", "put", ORDERS, "poison", "--id", "p")
    for _ in range(2):
        (claim,) = sharing.rem("queue", "take", ORDERS, "--format", "json").document["claims"]
        assert sharing.rem("queue", "nack", ORDERS, claim["claim"]).status == 0
    assert sharing.rem("queue", "take", ORDERS).status == 9
    (dead,) = sharing.rem("queue", "peek", ORDERS, "--dead", "--format", "json").document["messages"]
    assert (dead["id"], dead["message"], dead["tries"]) == ("p", "poison", 2)
    assert told(sharing, "queue", "revive", ORDERS, "p") == (0, f"1 message of {ORDERS} waiting again\n", "")
    assert sharing.rem("queue", "take", ORDERS).status == 0


def test_a_message_that_waits_for_its_time_is_not_taken(sharing: Repository) -> None:
    sharing.rem("queue", "put", ORDERS, "later", "--after", "1h")
    assert sharing.rem("queue", "take", ORDERS).status == 9
    assert "in 59 min" in sharing.rem("queue", "peek", ORDERS).out


def test_a_counter_adds_up_and_an_id_counts_once(sharing: Repository) -> None:
    assert told(sharing, "counter", "get", HITS) == (0, "0\n", "")
    assert told(sharing, "counter", "add", HITS) == (0, "1\n", "")
    assert told(sharing, "counter", "add", HITS, "--", "-3") == (0, "-2\n", "")
    for _ in range(2):
        assert told(sharing, "counter", "add", HITS, str(1 << 70), "--id", "once") == (0, f"{(1 << 70) - 2}\n", "")
    document = sharing.rem("counter", "get", "--format", "json").document
    assert [(one["path"], one["total"]) for one in document["counters"]] == [(HITS, (1 << 70) - 2)]


@pytest.mark.parametrize("wrong", ["x", "1.5", "--", "²", "1" * 1001, "-"])
def test_what_is_no_number_is_not_added(sharing: Repository, wrong: str) -> None:
    assert sharing.rem("counter", "add", HITS, "--", wrong).status == 2
    assert told(sharing, "counter", "get", HITS) == (0, "0\n", "")


def test_a_lock_is_shown_and_broken_by_its_number(sharing: Repository) -> None:
    assert told(sharing, "locks", "list") == (0, "No lock is held.\n", "")
    state = SqliteState(sharing.state, "vm", SystemClock())
    lease = state.bucket("shop/locks/deploy").acquire("0", 60, why="release 7")
    shown = sharing.rem("locks", "list").out.splitlines()[1]
    assert re.fullmatch(rf"shop/locks/deploy +0 +{lease.fence} +vm \(process \d+\) +0 s +release 7", shown)
    assert told(sharing, "locks", "break", "shop/locks/deploy", "99") == (
        9,
        "",
        "rem: nobody holds a lock of 'shop/locks/deploy' with fence 99; nothing was freed\nhint: rem locks list\n",
    )
    assert sharing.rem("locks", "break", "shop/locks/deploy", str(lease.fence)).status == 0
    assert state.locks() == []
    state.close()


def test_a_command_runs_while_its_lock_is_held_and_ends_as_it_ends(sharing: Repository) -> None:
    done = sharing.program("locks", "run", "shop/locks/deploy", "--", "sh", "-c", 'test "$REM_FENCE" -gt 0 && exit 5')
    assert (done.status, done.err) == (5, "")
    assert sharing.program("locks", "run", "shop/locks/deploy", "--", "sh", "-c", "kill -9 $$").status == 137
    assert told(sharing, "locks", "list") == (0, "No lock is held.\n", "")
    assert told(sharing, "locks", "run", "shop/locks/deploy", "/no/such program") == (
        1, "", "rem: '/no/such program' did not start: no such file or directory\n"
    )  # fmt: skip


def test_the_second_is_told_who_runs_and_gets_nothing(sharing: Repository) -> None:
    first = sharing.started(
        "locks", "run", "shop/locks/deploy", "--why", "release 7", "--", "sh", "-c", "echo on; exec sleep 60"
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "on\n"
    second = sharing.rem("locks", "run", "shop/locks/deploy", "touch", str(sharing.root / "ran"))
    assert second.status == 7
    text = (
        r"rem: \S+ \(process \d+\) has held the lock 'deploy' of shop/locks/deploy for \d+ s \(release 7\); its lease "
    )
    assert re.match(text, second.err)
    assert not (sharing.root / "ran").exists()
    first.terminate()
    first.communicate()
    assert sharing.rem("locks", "run", "shop/locks/deploy", "true").status == 0


def test_a_command_whose_lock_was_broken_is_ended(sharing: Repository) -> None:
    sharing.commit({"packages/shop/package.yaml": "package: shop\nlocks: {deploy: {lease: 1s}}\n"})
    assert sharing.rem("apply").status == 0
    first = sharing.started("locks", "run", "shop/locks/deploy", "--", "sh", "-c", "echo on; exec sleep 60")
    assert first.stdout is not None
    first.stdout.readline()
    (held,) = sharing.rem("locks", "list", "--format", "json").document["locks"]
    assert sharing.rem("locks", "break", "shop/locks/deploy", str(held["fence"])).status == 0
    _, err = first.communicate(timeout=60)
    assert (first.returncode, err) == (
        8,
        "rem: the lock 'deploy' of shop/locks/deploy is not ours any more: nobody has it now\n"
        "hint: sh was ended before it was done\n",
    )


def test_what_a_removed_item_held_is_kept_and_said_and_can_be_put_away(sharing: Repository) -> None:
    sharing.rem("queue", "put", ORDERS, "order 7", "--id", "7")
    sharing.rem("state", "set", FACTS, "owner", "ana")
    assert told(sharing, "state", "archive", ORDERS) == (
        11,
        "",
        f"rem: the active packages declare {ORDERS}; nothing was put away\n"
        f"hint: rem item remove {ORDERS}, then commit and rem apply\n",
    )
    sharing.commit({"packages/shop/package.yaml": "package: shop\nhosts: {web: {web01: {reach: local}}}\n"})
    applied = sharing.rem("apply")
    assert [line for line in applied.err.splitlines() if line.startswith("left")] == [
        f"left in the store: {ORDERS} (1 entry): rem state archive {ORDERS}",
        f"left in the store: {FACTS} (1 entry): rem state archive {FACTS}",
    ]
    assert sharing.rem("state", "list").out.splitlines()[1:] == [
        f"{ORDERS}  1        no package declares it any more",
        f"{FACTS}    1        no package declares it any more",
    ]
    archived = sharing.rem("state", "archive", ORDERS, "--format", "json").document
    file = Path(archived["file"])
    assert (archived["entries"], stat.S_IMODE(file.stat().st_mode)) == (1, 0o600)
    head, line = map(json.loads, file.read_text().splitlines())
    assert (head["schema"], head["name"], head["kind"]) == ("rem.archive/1", ORDERS, "queue")
    assert (line["id"], line["body"], line["dead"]) == ("7", "order 7", False)
    assert sharing.rem("state", "archive", FACTS, "--drop").status == 2
    assert told(sharing, "state", "archive", FACTS, "--drop", "--yes") == (
        0, f"took 1 entry of {FACTS} out of the store, and wrote no file\n", ""
    )  # fmt: skip
    assert told(sharing, "state", "list") == (0, "No package shares anything: rem schema show state\n", "")
    assert told(sharing, "state", "archive", FACTS)[0] == 9


def test_who_applies_is_listed_and_loses_the_lock_by_its_id(active: Repository) -> None:
    with wire.open(active.root) as rem, activating(rem.generations, "ana", rem.clock) as writer:
        id = writer.lock.holder.id
        (one,) = active.rem("locks", "list", "--format", "json").document["applying"]
        assert (one["of"], one["lock"], one["by"], one["process"]) == ("production", id, "ana", os.getpid())
        assert f"production  {id}" in active.rem("locks", "list").out
        told = active.rem("apply")
        assert (told.status, f"if it hangs: rem locks break {id}" in told.err) == (7, True)
        told = active.rem("locks", "break", id, "--why", "it hangs")
        assert told.out == "freed the lock of production, which ana held\n"
        assert active.rem("locks", "list").out == "No lock is held.\n"
        told = active.rem("locks", "break", id)
        assert (told.status, told.err) == (9, f"rem: nobody holds a lock '{id}'\nhint: no lock is held\n")
    assert "it hangs" in active.rem("log").out
