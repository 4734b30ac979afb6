"""Version 3 against net-snmp's own agent: who may ask, who may not, and what is kept for the next time."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from rem_cli.reach.asks import Community, Failed, ForeignGet, Get, Got, User
from rem_cli.reach.snmp import ber
from rem_cli.reach.snmp.foreign import Foreign
from rem_cli.reach.snmp.wire import Snmp
from rem_cli.reach.threads import Bell
from tests.reach.asking import ask
from tests.reach.snmp.daemon import Daemon

NAME = ber.oid("1.3.6.1.2.1.1.5.0")
SHA, SHA256, BAD = "sha1", "sha256", b"not the password"
AUTH, PRIV = b"authpass123", b"privpass123"
READ = Got([(NAME, ber.STRING, b"the agent")])


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("snmpd")) as one:
        yield one


def get(agent: Daemon, who: User | Community, timeout: float = 5.0) -> Get:
    return Get(agent.address, (NAME,), who, agent.port, timeout)


@pytest.mark.parametrize(
    "who",
    [
        Community(1),
        Community(2),
        User(b"plain"),
        User(b"rem", SHA, AUTH),
        User(b"rem", SHA, AUTH, PRIV),
        User(b"rem256", SHA256, AUTH, PRIV),
    ],
    ids=lambda who: f"{type(who).__name__} {len(who)} {who}"[:60],
)
def test_who_is_known_is_answered(agent: Daemon, who: User | Community) -> None:
    assert ask(Snmp, get(agent, who)) == [READ]


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (User(b"nobody", SHA, AUTH), "the agent knows no such user"),
        (User(b"rem", SHA, BAD), "the agent does not take the password: authentication"),
        (User(b"rem", SHA256, AUTH), "the agent does not take the password: authentication"),
        (User(b"plain", SHA, AUTH), "the agent does not take this level of security"),
    ],
)
def test_who_is_not_is_told_why(agent: Daemon, who: User, why: str) -> None:
    assert ask(Snmp, get(agent, who)) == [Failed(why, hint="look at its credentials")]


def test_a_wrong_password_for_privacy_is_told_from_a_dead_agent(agent: Daemon) -> None:
    [answer] = ask(Snmp, get(agent, User(b"rem", SHA, AUTH, BAD), timeout=0.4))
    assert isinstance(answer, Failed)
    assert answer.why in (
        "it tells its engine, and then nothing in 0.4 s",  # snmpd drops what it cannot decrypt
        "the agent does not take the password: privacy",
    )


def kept(notes: dict[str, Any]) -> Any:
    return lambda poller, clock: Snmp(poller, clock, notes)


def test_the_second_time_takes_one_message(agent: Daemon) -> None:
    notes: dict[str, Any] = {}
    who = User(b"rem", SHA, AUTH, PRIV)
    first: list[str] = []
    second: list[str] = []
    assert ask(kept(notes), get(agent, who), told=first) == ask(kept(notes), get(agent, who), told=second) == [READ]
    assert (len(first), len(second)) == (4, 2)
    assert "pass" not in repr(notes)


@pytest.mark.parametrize(("boots", "time"), [(0, 0), (9, 10_000), (1, 100_000)])
def test_a_clock_that_is_off_is_set_by_what_the_agent_proves(agent: Daemon, boots: int, time: int) -> None:
    notes: dict[str, Any] = {}
    who = User(b"rem", SHA, AUTH, PRIV)
    ask(kept(notes), get(agent, who))
    [where] = notes
    notes[where][1:3] = [boots, time]
    assert ask(kept(notes), get(agent, who)) == [READ]


def test_an_agent_that_was_replaced_is_learned_anew(agent: Daemon) -> None:
    notes: dict[str, Any] = {f"{agent.address} {agent.port}": ["80001f8804deadbeef", 3, 500, 0.0]}
    assert ask(kept(notes), get(agent, User(b"rem", SHA, AUTH))) == [READ]


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        (Community(2), READ),
        (User(b"rem", SHA, AUTH, PRIV), READ),
        (User(b"old", SHA, AUTH, PRIV, "DES"), READ),  # which our own messages do not know
        (User(b"rem", SHA, BAD, PRIV), Failed("wrong SNMP PDU digest")),
    ],
)
def test_pysnmp_asks_the_same_agent(agent: Daemon, who: User | Community, answer: object) -> None:
    question = ForeignGet(agent.address, (NAME,), who, agent.port)
    assert ask(lambda poller, clock: Foreign(Bell(poller)), question) == [answer]


def test_the_same_numbers_as_snmpget(agent: Daemon) -> None:
    """A second opinion: every object of a subtree, read by REM and by net-snmp's own client."""
    root = "1.3.6.1.2.1.1"
    program = shutil.which("snmpbulkwalk")
    assert program
    words = [program, "-v2c", "-cpublic", "-On", "-Oe", "-OQ", "-OU", f"{agent.address}:{agent.port}", root]
    theirs = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    [got] = ask(Snmp, Get(agent.address, (ber.oid(root),), port=agent.port, repetitions=len(theirs)))
    assert isinstance(got, Got)
    names = [line.partition(" = ")[0].strip(".") for line in theirs if line.startswith(".1.3")]
    assert [ber.dotted(name) for name, _, _ in got.varbinds][: len(names)] == names
