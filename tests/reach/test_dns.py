"""Questions to a small name server that can lie."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rem_cli.reach import dns
from rem_cli.reach.asks import Failed, Query, Records
from tests.fakes.servers import Names, reply
from tests.reach.asking import ask

NAME = "www.shop.example"
ONE, TWO = (1, bytes((192, 0, 2, 1))), (1, bytes((192, 0, 2, 2)))
POINT = b"\xc0\x0c"


def query(server: Names, type: str = "A", timeout: float = 5.0, name: str = NAME) -> Query:
    return Query("127.0.0.1", name, type, server.port, timeout)


def told(answer: object) -> tuple[str, object, int | None]:
    assert isinstance(answer, Records), answer
    assert 0 < answer.seconds < 5
    return answer.code, answer.records, answer.least


@pytest.mark.parametrize(
    ("type", "records", "shown"),
    [
        ("A", [TWO, ONE], ["192.0.2.1", "192.0.2.2"]),
        ("A", [(5, POINT), ONE], ["192.0.2.1"]),  # by way of another name
        ("AAAA", [(28, bytes(15) + b"\1")], ["::1"]),
        ("MX", [(15, b"\0\x0a\4mail" + POINT)], ["10 mail.www.shop.example"]),
        ("TXT", [(16, b"\3v=s\4pf1 ")], ["v=spf1 "]),
        ("SRV", [(33, struct.pack("!3H", 1, 2, 443) + POINT)], ["1 2 443 www.shop.example"]),
        ("SOA", [(6, b"\2ns" + POINT + b"\1x" + POINT + struct.pack("!5I", 1, 2, 3, 4, 5))],
         ["ns.www.shop.example x.www.shop.example 1 2 3 4 5"]),
        ("CAA", [(257, b"\0\5issueca")], ["0005697373756563" + "61"]),
    ],
)  # fmt: skip
def test_records_are_read_as_people_write_them(type: str, records: list[tuple[int, bytes]], shown: list[str]) -> None:
    with Names(lambda asked, stream: reply(asked, *records, kept=300)) as server:
        [answer] = ask(dns.Dns, query(server, type))
    assert told(answer) == ("NOERROR", shown, 300)


@pytest.mark.parametrize(("code", "word"), [(3, "NXDOMAIN"), (2, "SERVFAIL"), (9, "RCODE9")])
def test_a_refusal_is_an_answer(code: int, word: str) -> None:
    with Names(lambda asked, stream: reply(asked, code=code)) as server:
        [answer] = ask(dns.Dns, query(server))
    assert told(answer) == (word, [], None)


def test_an_answer_that_was_cut_is_asked_again_over_tcp() -> None:
    with Names(lambda asked, stream: reply(asked, ONE, TWO) if stream else reply(asked, cut=True)) as server:
        [answer] = ask(dns.Dns, query(server))
    assert told(answer)[1] == ["192.0.2.1", "192.0.2.2"]


@pytest.mark.parametrize(
    "lie",
    [
        lambda asked: bytes((asked[0] ^ 1,)) + reply(asked, ONE)[1:],  # another id
        lambda asked: reply(asked.replace(b"shop", b"bank"), ONE),  # another question
        lambda asked: asked,  # the question itself
        lambda asked: b"\0",
    ],
)
def test_an_answer_to_another_question_is_not_taken(lie: object) -> None:
    assert callable(lie)
    with Names(lambda asked, stream: lie(asked)) as server:
        assert ask(dns.Dns, query(server, timeout=0.1)) == [Failed("no answer in 0.1 s", silent=True)]


def test_an_answer_that_points_in_a_circle_is_refused() -> None:
    with Names(lambda asked, stream: reply(asked, (5, b"\xc0\x2e"))) as server:
        [answer] = ask(dns.Dns, query(server, "CNAME"))
    assert answer == Failed("its answer cannot be read")


@pytest.mark.parametrize("name", ["", "a..b", "x" * 64, ".".join(["label"] * 50)])
def test_what_is_no_name_is_not_asked(name: str) -> None:
    [answer] = ask(dns.Dns, Query("127.0.0.1", name))
    assert answer == Failed(f"'{name}' is no name of the domain name system")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(some.binary(max_size=80), some.sampled_from(sorted(dns.TYPES)))
def test_no_answer_breaks_the_reader(noise: bytes, type: str) -> None:
    asked = struct.pack("!6H", 7, 0, 1, 0, 0, 0) + dns.encoded(NAME) + struct.pack("!HH", dns.TYPES[type], 1)
    with contextlib.suppress(ValueError, IndexError, struct.error):  # any other error fails the test
        dns.read(reply(asked, (dns.TYPES[type], noise)) + noise, len(asked) - 12, type, 0.1)
