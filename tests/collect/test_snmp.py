"""The collector `snmp` against an agent that is told how to go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pysnmp.proto import rfc1902

from rem_cli import shipped
from rem_cli.collect import CollectError, Counter, NoAnswer, Reading, Target
from rem_cli.collect.load import Collectors
from rem_cli.reach.asks import Failed, ForeignGet
from rem_cli.reach.snmp.foreign import Foreign
from rem_cli.reach.snmp.wire import Snmp
from rem_cli.reach.threads import Bell
from tests.fakes.agent import MORE, TABLE, Agent
from tests.reach.asking import ask

COLLECT = Collectors(shipped.folder("collectors")).of("snmp")


@pytest.fixture
def agent() -> Iterator[Agent]:
    with Agent(interfaces=3) as one:
        yield one


def read(agent: Agent, *, timeout: float = 5.0, secret: str = "", **fields: Any) -> Reading:
    target = Target("sw1", agent.address, timeout, {"port": agent.port, **fields}, secret=secret)
    conversation = COLLECT(target)
    question = next(conversation)
    while True:
        by = (lambda poller, clock: Foreign(Bell(poller))) if isinstance(question, ForeignGet) else Snmp
        [answer] = ask(by, question)
        try:
            if isinstance(answer, Failed):
                question = conversation.throw(NoAnswer(answer))
            else:
                question = conversation.send(answer)
        except StopIteration as end:
            reading: Reading = end.value
            return reading


def test_objects_are_numbers_and_counters_by_the_names_of_the_check(agent: Agent) -> None:
    agent.set("1.3.6.1.4.1.2021.10.1.3.1", rfc1902.OctetString("0.42"))
    oids = {"in": "IF-MIB::ifHCInOctets.2", "errors": "IF-MIB::ifInErrors.2", "load": "UCD-SNMP-MIB::laLoad.1"}
    assert read(agent, oids=oids) == Reading({"load": 0.42}, {"in": Counter(2006), "errors": Counter(14, 32)}, 360_000)
    assert len(agent.asked) == 1  # the uptime came in the same message


def test_a_single_object_is_the_measure_value(agent: Agent) -> None:
    assert read(agent, oid="1.3.6.1.2.1.31.1.1.1.15.1").values == {"value": 1000.0}


@pytest.mark.parametrize("version", ["v1", "v2c"])
def test_an_object_that_is_not_there_is_no_data_and_the_others_are(agent: Agent, version: str) -> None:
    oids = {"speed": "IF-MIB::ifHighSpeed.1", "gone": "1.3.6.1.9.9"}
    assert read(agent, oids=oids, version=version).values == {"speed": 1000.0}


def test_pysnmp_gives_the_same_readings(agent: Agent) -> None:
    oids = {"in": "IF-MIB::ifHCInOctets.2", "speed": "IF-MIB::ifHighSpeed.1", "gone": "1.3.6.1.9.9"}
    assert read(agent, oids=oids, engine="pysnmp") == read(agent, oids=oids)
    assert read(agent, engine="pysnmp") == read(agent)


def test_an_agent_without_any_of_them_is_down(agent: Agent) -> None:
    reading = read(agent, oids={"a": "1.3.6.1.9.9", "b": "1.3.6.1.9.8"})
    assert (reading.up, reading.why) == (False, "the agent has no number for a, b")


def test_what_is_too_big_for_one_message_is_asked_in_halves(agent: Agent) -> None:
    agent.most = 150
    oids = {
        f"in {index} {column}": f"1.3.6.1.2.1.31.1.1.1.{column}.{index}" for index in (1, 2, 3) for column in (6, 10)
    }
    assert len(read(agent, oids=oids).counters) == 6
    assert len(agent.asked) > 2


def test_interfaces_are_kept_by_name_and_not_by_index(agent: Agent) -> None:
    first = read(agent)
    assert first.values == {"interfaces": 3.0, "eth1 up": 1.0, "eth2 up": 1.0, "eth3 up": 1.0}
    assert first.counters["eth2 received bytes"] == Counter(2006, 64, 137.5e6)
    assert (first.counters["eth2 sent errors"], first.uptime) == (Counter(20, 32), 360_000)
    for column in range(1, 21):  # a card is put in: indexes move
        for table in (TABLE, MORE):
            moved = {name: value for name, value in agent.objects.items() if name[:-1] == (*table, column)}
            for name in moved:
                del agent.objects[name]
            agent.objects |= {(*name[:-1], name[-1] + 300): value for name, value in moved.items()}
    assert read(agent).counters == first.counters


def test_a_cell_that_is_missing_is_not_taken_from_the_row_after_it(agent: Agent) -> None:
    del agent.objects[(*MORE, 10, 2)]
    counters = read(agent).counters
    assert "eth2 sent bytes" not in counters
    assert (counters["eth3 sent bytes"].value, counters["eth1 sent bytes"].value) == (3010, 1010)


def test_two_interfaces_of_one_name_are_told_apart(agent: Agent) -> None:
    agent.interface(70_000, "eth1", 9000)
    assert "eth1 #70000 up" in read(agent).values


def test_a_hundred_interfaces_take_few_messages_and_are_all_there(agent: Agent) -> None:
    for index in range(4, 101):
        agent.interface(index * 37, f"port{index}", index)
    assert read(agent).values["interfaces"] == 100.0
    assert len(agent.asked) <= 12


def test_version_1_walks_one_row_at_a_time(agent: Agent) -> None:
    for index in (1, 2, 3):
        old(agent, index)
    reading = read(agent, version="v1")
    assert reading.values["interfaces"] == 3.0
    assert reading.counters["port 2 received bytes"] == Counter(1002, 32, 137.5e6)  # it has no counters of 64 bits


def test_an_agent_that_knows_no_names_is_asked_for_descriptions() -> None:
    with Agent() as agent:
        old(agent, 7)
        assert read(agent).counters["port 7 sent bytes"] == Counter(1007, 32, 137.5e6)


def old(agent: Agent, index: int) -> None:
    """A row of ifTable as agents had it before there was ifXTable."""
    columns = {2: rfc1902.OctetString(f"port {index}"), 5: rfc1902.Gauge32(1_000_000_000), 8: rfc1902.Integer32(1)}
    for column in (10, 16):
        columns[column] = rfc1902.Counter32(1000 + index)
    agent.objects |= {(*TABLE, column, index): value for column, value in columns.items()}


def test_rows_that_are_too_big_are_asked_by_fewer(agent: Agent) -> None:
    agent.most = 900
    assert read(agent).values["interfaces"] == 3.0


def test_an_agent_whose_names_do_not_grow_is_left(agent: Agent) -> None:
    agent.stuck = True
    with pytest.raises(NoAnswer, match="the agent's names do not grow: it would go on for ever"):
        read(agent)


def test_an_agent_without_interfaces_is_down() -> None:
    with Agent() as agent:
        assert read(agent).why == "the agent names no interface"


@pytest.mark.parametrize(
    ("fields", "secret", "message", "hint"),
    [
        (
            {"oid": "IF-MIB::ifHCInOctet.2"},
            "",
            "IF-MIB::ifHCInOctet.2 is no object whose name is known here",
            "did you mean IF-MIB::ifHCInOctets?",
        ),
        (
            {"version": "v3"},
            "rem SHAH word",
            "its credentials are none of SNMP version 3",
            "USER MD5|SHA|SHA-224|SHA-256|SHA-384|SHA-512 PASSWORD AES PASSWORD; what follows USER may be left out",
        ),
    ],
)
def test_what_cannot_be_asked_is_said_before(
    agent: Agent, fields: dict[str, Any], secret: str, message: str, hint: str
) -> None:
    with pytest.raises(CollectError) as caught:
        read(agent, secret=secret, **fields)
    assert (caught.value.message, caught.value.hint) == (message, hint)
