"""What every engine of the state promises about queues."""

from __future__ import annotations

import threading

import pytest

from rem_cli.state import Claim, ClaimLapsed, Message, MissingKey, Queue, QueueFull, Terms, TooBig
from tests.contracts.conftest import START, Engine, HandClock


def put(queue: Queue, *bodies: bytes) -> None:
    for body in bodies:
        queue.put(Message(body, id=body.decode()))


def bodies(claims: list[Claim]) -> list[bytes]:
    return [claim.body for claim in claims]


def test_40_the_oldest_that_is_due_comes_first(queue: Queue, clock: HandClock) -> None:
    queue.put(Message(b"later", id="later", not_before=START + 10))
    put(queue, b"first", b"second")
    clock.passes(5)
    put(queue, b"third")
    clock.passes(10)
    put(queue, b"last")
    assert bodies(queue.claim(2)) == [b"first", b"second"]
    assert bodies(queue.claim(9)) == [b"third", b"later", b"last"]
    assert queue.claim() == []


def test_41_a_look_takes_nothing(queue: Queue) -> None:
    put(queue, b"a", b"b")
    assert [(item.body, item.tries, item.claimed) for item in queue.peek(5)] == [(b"a", 0, False), (b"b", 0, False)]
    assert [item.id for item in queue.peek()] == ["a"]
    assert bodies(queue.claim(5)) == [b"a", b"b"]
    assert [item.claimed for item in queue.peek(5)] == [True, True]


def test_42_a_message_without_an_ack_comes_again(queue: Queue, clock: HandClock) -> None:
    put(queue, b"a")
    assert queue.claim(lease=60)[0].tries == 1
    assert queue.claim(lease=60) == []
    clock.passes(60)
    assert queue.claim(lease=60)[0].tries == 2


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_42_a_step_of_the_wall_clock_moves_no_claim_and_hides_no_message(
    queue: Queue, clock: HandClock, step: float
) -> None:
    put(queue, b"a", b"b")
    queue.claim(lease=60)
    clock.steps(step)
    assert bodies(queue.claim(5)) == [b"b"]
    clock.passes(60)
    assert bodies(queue.claim(5)) == [b"a"]


def test_43_an_ack_after_the_lease_takes_nothing_away(queue: Queue, clock: HandClock) -> None:
    put(queue, b"a", b"b")
    late = queue.claim(lease=60)[0]
    clock.passes(61)
    with pytest.raises(ClaimLapsed, match=f"the claim '{late.token}' of orders is over"):
        queue.ack(late.token)
    again = queue.claim(2)
    assert bodies(again) == [b"a", b"b"]
    with pytest.raises(ClaimLapsed):
        queue.ack(again[1].token, late.token)
    assert queue.counts().claimed == 2
    queue.ack(*[claim.token for claim in again])
    assert queue.counts() == (0, 0, 0, 0, None)


@pytest.mark.parametrize("token", ["", "1", "1.2.3", "x.1", "1.x", "-1.1", "9" * 40 + ".1", "²³.1"])
def test_43_a_token_that_is_none_acks_nothing(queue: Queue, token: str) -> None:
    put(queue, b"a")
    queue.claim()
    for change in (queue.ack, queue.extend, queue.give_back):
        with pytest.raises(ClaimLapsed):
            change(token)
    assert queue.counts().claimed == 1


def test_43_a_token_of_another_queue_acks_nothing_here(engine: Engine, queue: Queue) -> None:
    put(queue, b"a")
    token = queue.claim()[0].token
    with pytest.raises(ClaimLapsed):
        engine.state.queue("other").ack(token)
    assert queue.counts().claimed == 1


def test_43_an_ack_happens_once(queue: Queue) -> None:
    put(queue, b"a")
    token = queue.claim()[0].token
    queue.ack(token)
    with pytest.raises(ClaimLapsed):
        queue.ack(token)


def test_44_a_claim_that_is_extended_is_kept(queue: Queue, clock: HandClock) -> None:
    put(queue, b"a")
    (claim,) = queue.claim(lease=60)
    for _ in range(15):
        clock.passes(20)
        queue.extend(claim.token, lease=60)
        assert queue.claim() == []
    queue.ack(claim.token)
    with pytest.raises(ClaimLapsed):
        queue.extend(claim.token)


def test_45_what_is_given_back_comes_not_before_its_time(queue: Queue, clock: HandClock) -> None:
    put(queue, b"a", b"b")
    (claim,) = queue.claim()
    queue.give_back(claim.token, after=10)
    assert bodies(queue.claim()) == [b"b"]
    assert queue.claim() == []
    clock.passes(10)
    (again,) = queue.claim()
    assert (again.body, again.tries) == (b"a", 2)
    queue.give_back(again.token)
    assert queue.claim()[0].tries == 3


def test_47_after_so_many_deliveries_a_message_is_dead(engine: Engine, clock: HandClock) -> None:
    queue = engine.state.queue("orders", Terms(bound=2, deliveries=2))
    put(queue, b"poison", b"good")
    for _ in range(2):
        assert bodies(queue.claim(lease=60)) == [b"poison"]
        clock.passes(61)
    assert bodies(queue.claim(5)) == [b"good"]
    assert (queue.counts().waiting, queue.counts().claimed, queue.counts().dead) == (0, 1, 1)
    assert [(item.id, item.tries) for item in queue.peek(5, dead=True)] == [("poison", 2)]
    put(queue, b"more")  # it does not count towards the bound
    with pytest.raises(QueueFull):
        put(queue, b"too much")
    with pytest.raises(MissingKey, match="orders has no dead message 'good'"):
        queue.revive("good")
    queue.revive("poison")
    assert [(item.id, item.tries) for item in queue.peek(5) if not item.claimed] == [("poison", 0), ("more", 0)]
    assert queue.peek(5, dead=True) == []


def test_47_given_back_at_its_last_delivery_it_is_dead_at_once(engine: Engine) -> None:
    queue = engine.state.queue("orders", Terms(deliveries=1))
    put(queue, b"a")
    queue.give_back(queue.claim()[0].token, after=10)
    assert (queue.counts().waiting, queue.counts().dead) == (0, 1)


def test_48_a_full_queue_refuses_one_more(engine: Engine) -> None:
    queue = engine.state.queue("orders", Terms(bound=5))
    put(queue, *b"a b c d e".split())
    with pytest.raises(QueueFull, match="orders holds 5 messages, and that is all it may"):
        put(queue, b"f")
    assert [item.id for item in queue.peek(9)] == ["a", "b", "c", "d", "e"]
    queue.ack(queue.claim()[0].token)
    with pytest.raises(QueueFull):  # both or none
        queue.put(Message(b"f"), Message(b"g"))
    put(queue, b"h")
    assert queue.counts()[:4] == (5, 0, 0, 0)


def test_49_or_it_drops_the_oldest_and_counts_it(engine: Engine) -> None:
    queue = engine.state.queue("orders", Terms(bound=5, drop_oldest=True))
    put(queue, *b"a b c d e".split())
    (held,) = queue.claim()
    put(queue, b"f", b"g")
    assert [item.id for item in queue.peek(9)] == ["a", "d", "e", "f", "g"]
    assert queue.counts()[:4] == (4, 1, 0, 2)
    queue.ack(held.token)
    assert queue.counts().dropped == 2


def test_49_what_workers_hold_is_never_dropped(engine: Engine) -> None:
    queue = engine.state.queue("orders", Terms(bound=2, drop_oldest=True))
    put(queue, b"a", b"b")
    queue.claim(2)
    with pytest.raises(QueueFull):
        put(queue, b"c")
    assert queue.counts()[:4] == (0, 2, 0, 0)


def test_50_the_bound_holds_against_many_at_once(engine: Engine) -> None:
    for worker in engine.others("fill", workers=8, times=50):
        worker.join()
    assert engine.state.queue("full").counts()[:4] == (100, 0, 0, 0)


def test_51_an_id_that_is_known_is_not_put_again(queue: Queue, clock: HandClock) -> None:
    assert queue.put(Message(b"1", id="order 7")) == 1
    clock.passes(600)
    assert queue.put(Message(b"2", id="order 7"), Message(b"3", id="order 8")) == 1
    claims = queue.claim(5)
    assert bodies(claims) == [b"1", b"3"]
    queue.ack(*[claim.token for claim in claims])
    assert queue.put(Message(b"4", id="order 7")) == 0  # not even when it is done
    clock.passes(86401)
    assert queue.put(Message(b"5", id="order 9"), Message(b"6", id="order 7")) == 2


def test_51_messages_without_an_id_are_all_different(queue: Queue) -> None:
    assert queue.put(Message(b"1"), Message(b"1")) == 2
    assert len({item.id for item in queue.peek(5)}) == 2


def test_52_a_message_comes_not_before_its_time(queue: Queue, clock: HandClock) -> None:
    queue.put(Message(b"a", not_before=START + 10))
    clock.passes(9)
    assert queue.claim() == []
    assert queue.counts().waiting == 1
    clock.passes(1)
    assert bodies(queue.claim()) == [b"a"]


def test_53_many_workers_each_message_once(engine: Engine) -> None:
    queue = engine.state.queue("work")
    for start in range(0, 400, 100):
        queue.put(*[Message(b"%d" % number, id=str(number)) for number in range(start, start + 100)])
    for worker in engine.others("work", workers=8, times=400):
        worker.join()
    done = engine.state.bucket("done").scan()
    assert [entry.body for entry in done] == [b"1"] * 400  # how often each was handled
    assert queue.counts()[:4] == (0, 0, 0, 0)


def test_54_who_waits_gets_a_message_when_it_comes(engine: Engine, queue: Queue) -> None:
    got: list[Claim] = []
    waiting = threading.Thread(target=lambda: got.extend(queue.claim(wait=60)))
    waiting.start()
    put(engine.again().queue("orders"), b"a")
    waiting.join(30)
    assert bodies(got) == [b"a"]


def test_10_any_body_is_a_message_and_too_big_a_one_is_refused(queue: Queue) -> None:
    queue.put(Message(b""), Message(bytes(range(256))), Message(b"x" * (1 << 20)))
    assert bodies(queue.claim(5)) == [b"", bytes(range(256)), b"x" * (1 << 20)]
    with pytest.raises(TooBig):
        queue.put(Message(b"1"), Message(b"x" * ((1 << 20) + 1)))
    with pytest.raises(TooBig):
        queue.put(*[Message(b"")] * 1001)
    assert queue.counts().waiting == 0


def test_the_oldest_is_told(queue: Queue, clock: HandClock) -> None:
    put(queue, b"a")
    clock.passes(10)
    put(queue, b"b")
    assert queue.counts().oldest == START
    queue.claim()
    assert queue.counts().oldest == START + 10
