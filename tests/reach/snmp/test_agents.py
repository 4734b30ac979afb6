"""Questions to agents that go wrong, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pysnmp.proto import rfc1902

from rem_cli.reach.asks import Community, Failed, Get, Got
from rem_cli.reach.snmp import ber
from rem_cli.reach.snmp.wire import Snmp
from tests.fakes.agent import Agent
from tests.reach.asking import ask

NAME = ber.oid("1.3.6.1.2.1.1.5.0")
UPTIME = ber.oid("1.3.6.1.2.1.1.3.0")
SILENT = Failed("no answer in 0.1 s", hint="a wrong community is answered by silence, too", silent=True)


@pytest.fixture
def agent() -> Iterator[Agent]:
    with Agent() as one:
        one.set("1.3.6.1.2.1.1.5.0", rfc1902.OctetString("sw1"))
        yield one


def get(agent: Agent, *oids: bytes, word: bytes = b"public", version: int = 2, timeout: float = 5.0) -> Get:
    return Get(agent.address, oids or (NAME,), Community(version, word), agent.port, timeout)


@pytest.mark.parametrize("version", [1, 2])
def test_an_agent_is_asked_and_answers(agent: Agent, version: int) -> None:
    told: list[str] = []
    answer = ask(Snmp, get(agent, NAME, UPTIME, version=version), told=told)
    assert answer == [Got([(NAME, ber.STRING, b"sw1"), (UPTIME, ber.TICKS, 360_000)])]
    assert told == [
        f"get 1.3.6.1.2.1.1.5.0, 1.3.6.1.2.1.1.3.0 to 127.0.0.1 port {agent.port}, 57 bytes",
        "2 objects from 127.0.0.1, 63 bytes",
    ]


def test_a_lost_question_is_sent_again_in_time(agent: Agent) -> None:
    agent.drop = 1
    assert ask(Snmp, get(agent, timeout=0.4)) == [Got([(NAME, ber.STRING, b"sw1")])]


def test_a_wrong_community_is_silence_and_told_as_that(agent: Agent) -> None:
    assert ask(Snmp, get(agent, word=b"guess", timeout=0.1)) == [SILENT]


def test_an_answer_from_another_port_is_not_taken(agent: Agent) -> None:
    agent.elsewhere = True
    assert ask(Snmp, get(agent, timeout=0.1)) == [SILENT]


def test_a_broken_answer_is_passed_over_and_the_whole_one_taken(agent: Agent) -> None:
    broken = [True, False]
    agent.mangle = lambda data: data[:-3] if broken.pop(0) else data
    agent.twice = True
    assert ask(Snmp, get(agent)) == [Got([(NAME, ber.STRING, b"sw1")])]


def test_an_answer_that_comes_twice_is_taken_once(agent: Agent) -> None:
    agent.twice = True
    assert len(ask(Snmp, get(agent), get(agent), get(agent))) == 3  # ask() counts the answers of each


def test_many_agents_are_asked_at_once_and_the_dead_do_not_matter(agent: Agent) -> None:
    dead = Get("127.0.0.1", (NAME,), port=1, timeout=0.2)
    answers = ask(Snmp, *[get(agent), dead] * 20)
    assert answers[::2] == [Got([(NAME, ber.STRING, b"sw1")])] * 20
    assert {type(one) for one in answers[1::2]} == {Failed}


def test_what_an_agent_lacks_is_told(agent: Agent) -> None:
    missing = ber.oid("1.3.6.1.9.9")
    assert ask(Snmp, get(agent, missing)) == [Got([(missing, ber.NO_INSTANCE, b"")])]
    assert ask(Snmp, get(agent, NAME, missing, version=1)) == [
        Got([(NAME, ber.NULL, b""), (missing, ber.NULL, b"")], error=2, at=2)
    ]
