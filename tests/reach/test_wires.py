"""Every wire against a real other side on this machine, and against one that goes wrong."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from rem_cli.clock import Clock, SystemClock
from rem_cli.reach import Target, Task
from rem_cli.reach.asks import (
    Connect,
    Connected,
    Echo,
    Echoes,
    Failed,
    Fetch,
    Fetched,
    Ran,
    Resolve,
    Resolved,
    Run,
    Shake,
    Shaken,
    Wire,
)
from rem_cli.reach.certificates import not_after
from rem_cli.reach.fping import Fping, read
from rem_cli.reach.http import Http
from rem_cli.reach.icmp import RIGHTS, Icmp, allowed
from rem_cli.reach.local import LocalTransport
from rem_cli.reach.poller import Poller
from rem_cli.reach.tcp import Tcp
from rem_cli.reach.threads import Bell, Names, Programs
from rem_cli.reach.tls import Tls
from tests.fakes.certificates import Authority
from tests.fakes.servers import Pages
from tests.reach.asking import ask


@pytest.fixture
def pages() -> Iterator[Pages]:
    with Pages() as one:
        one.pages["/"] = 200, {}, b"the shop is open\n"
        yield one


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


# -- icmp


def echoes(poller: Poller, clock: Clock) -> Wire:
    """As this user may ping."""
    return Icmp(poller, clock) if allowed() else Fping(Bell(poller))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.8.7"])
def test_an_echo_comes_back(address: str) -> None:
    [answer] = ask(echoes, Echo(address, packets=2, gap=0.02))
    assert isinstance(answer, Echoes)
    assert len(answer.times) == 2
    assert all(seconds is not None and 0 <= seconds < 1 for seconds in answer.times)


def test_a_fleet_is_asked_at_once_and_each_answer_is_its_own() -> None:
    answers = ask(echoes, *[Echo(f"127.0.{number // 250}.{number % 250 + 1}", packets=1) for number in range(600)])
    assert sum(isinstance(one, Echoes) and one.times[0] is not None for one in answers) == 600


def test_the_same_hosts_answer_fping() -> None:
    """A second opinion."""
    hosts = ["127.0.0.1", "127.1.2.3"]
    program = shutil.which("fping")
    assert program
    done = subprocess.run([program, "-C1", "-q", *hosts], capture_output=True, text=True, check=False)
    theirs = [line.split()[-1] != "-" for line in done.stderr.splitlines()]
    ours = ask(echoes, *[Echo(host, packets=1) for host in hosts])
    assert theirs == [isinstance(one, Echoes) and one.times[0] is not None for one in ours] == [True, True]


def test_a_machine_that_may_not_ping_says_what_helps() -> None:
    def refuse(family: int) -> tuple[socket.socket, bool]:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    wire = partial(Icmp, open=refuse)
    why = "this machine may not ping: operation not permitted"
    assert ask(wire, Echo("127.0.0.1")) == [Failed(why, hint=RIGHTS, here=True)]


def test_fping_pings_where_we_may_not() -> None:
    wire = lambda poller, clock: Fping(Bell(poller))  # noqa: E731
    told: list[str] = []
    answers = ask(wire, *[Echo(f"127.0.0.{number}", packets=2, gap=0.02) for number in (1, 2, 1)], told=told)
    assert all(isinstance(one, Echoes) and len(one.times) == 2 and None not in one.times for one in answers)
    assert len(told) == 3
    gone = ask(lambda poller, clock: Fping(Bell(poller), "no-such-program"), Echo("127.0.0.1"))
    assert isinstance(gone[0], Failed) and gone[0].here


def test_what_fping_says_is_read_and_its_remarks_are_not() -> None:
    lines = ["192.0.2.1 : 0.51 - 1.25", "192.0.2.2 : - - -", "ICMP Host Unreachable from 192.0.2.9 for 192.0.2.2", ""]
    assert dict(read(lines, 3)) == {
        "192.0.2.1": Echoes([0.00051, None, 0.00125]),
        "192.0.2.2": Echoes([None, None, None]),
    }


# -- tcp


def test_a_port_answers_and_its_first_line_is_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        plain, refused = ask(Tcp, Connect("127.0.0.1", port), Connect("127.0.0.1", 1))
        assert isinstance(plain, Connected) and 0 < plain.seconds < 5
        assert refused == Failed("connection refused")


def test_a_port_that_says_nothing_is_up_all_the_same() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        [answer] = ask(Tcp, Connect("127.0.0.1", server.getsockname()[1], timeout=0.05, listen=True))
        assert isinstance(answer, Connected) and answer.said == b""


def test_a_full_queue_is_no_answer() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port = server.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        assert ask(Tcp, Connect("127.0.0.1", port, timeout=0.05)) == [Failed("no answer in 0.05 s", silent=True)]
        for one in waiting:
            one.close()


# -- http


def test_a_page_is_fetched_with_its_phases(pages: Pages) -> None:
    [page] = ask(Http, Fetch(f"http://127.0.0.1:{pages.port}/", headers=["X-Shop: yes"]))
    assert isinstance(page, Fetched)
    assert (page.status, page.body, page.expires) == (200, b"the shop is open\n", None)
    assert 0 < page.connect <= page.first <= page.seconds < 5
    assert (pages.heard[0]["User-Agent"], pages.heard[0]["X-Shop"]) == ("rem", "yes")


def test_a_page_elsewhere_is_followed_and_only_so_often(pages: Pages) -> None:
    pages.pages["/a"] = 302, {"Location": "/"}, b""
    pages.pages["/round"] = 302, {"Location": "/round"}, b""
    url = f"http://127.0.0.1:{pages.port}"
    found, round, stayed = ask(Http, Fetch(f"{url}/a"), Fetch(f"{url}/round"), Fetch(f"{url}/a", follow=0))
    assert isinstance(found, Fetched) and (found.status, found.url) == (200, f"{url}/")
    assert round == Failed("maximum (5) redirects followed")
    assert isinstance(stayed, Fetched) and stayed.status == 302


def test_a_body_without_end_is_cut(pages: Pages) -> None:
    pages.pages["/"] = 200, {}, b"x" * 100_000
    [page] = ask(Http, Fetch(f"http://127.0.0.1:{pages.port}/", limit=1000))
    assert isinstance(page, Fetched) and (page.status, len(page.body)) == (200, 1000)


def test_no_page_leads_to_a_file(pages: Pages) -> None:
    pages.pages["/"] = 302, {"Location": "file:///etc/passwd"}, b""
    [answer] = ask(Http, Fetch(f"http://127.0.0.1:{pages.port}/"))
    assert isinstance(answer, Failed) and "file" in answer.why


def test_each_host_can_be_asked_for_the_same_page(pages: Pages) -> None:
    [page] = ask(Http, Fetch(f"http://shop.example:{pages.port}/", to="127.0.0.1"))
    assert isinstance(page, Fetched) and page.status == 200
    assert pages.heard[0]["Host"] == f"shop.example:{pages.port}"


def test_a_server_that_is_not_there_or_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answers = ask(Http, Fetch("http://127.0.0.1:1/"), Fetch(f"http://127.0.0.1:{port}/", timeout=0.1))
    assert answers == [Failed("connection refused"), Failed("no answer in 0.1 s", silent=True)]


def test_who_is_told_hears_headers_but_no_secret(pages: Pages) -> None:
    told: list[str] = []
    ask(Http, Fetch(f"http://127.0.0.1:{pages.port}/", headers=["Authorization: Bearer s3cret"]), told=told)
    assert "> GET / HTTP/1.1" in told and "> authorization: (not told)" in told
    assert "s3cret" not in "".join(told)


def test_https_is_trusted_by_its_authority_and_tells_when_it_ends(authority: Authority) -> None:
    with Pages(certificate=authority.certificate("127.0.0.1", timedelta(days=30))) as server:
        server.pages["/"] = 200, {}, b""
        url = f"https://127.0.0.1:{server.port}/"
        [page] = ask(partial(Http, authorities=str(authority.file)), Fetch(url))
        [unknown] = ask(Http, Fetch(url))
    assert isinstance(page, Fetched) and page.status == 200 and page.tls > 0
    assert page.expires is not None and 29.9 < (page.expires - SystemClock().now()) / 86400 < 30.1
    assert isinstance(unknown, Failed) and "certificate" in unknown.why


# -- tls


@pytest.mark.parametrize(
    ("host", "days", "name", "trusted"),
    [
        ("127.0.0.1", 30, "127.0.0.1", ""),
        ("127.0.0.1", -3, "127.0.0.1", "certificate has expired"),
        ("shop.example", 30, "shop.example", ""),
        ("shop.example", 30, "other.example", "hostname mismatch, certificate is not valid for 'other.example'."),
    ],
)
def test_a_certificate_is_read_also_where_it_is_not_to_be_trusted(
    authority: Authority, host: str, days: int, name: str, trusted: str
) -> None:
    with Pages(certificate=authority.certificate(host, timedelta(days=days))) as server:
        [answer] = ask(partial(Tls, authorities=str(authority.file)), Shake("127.0.0.1", server.port, name))
    assert isinstance(answer, Shaken)
    assert answer.trusted == trusted.lower()
    assert abs((not_after(answer.chain[0]) - SystemClock().now()) / 86400 - days) < 0.1


def test_a_server_without_tls_is_no_shaking_hands(pages: Pages) -> None:
    answers = ask(Tls, Shake("127.0.0.1", pages.port, "127.0.0.1"), Shake("127.0.0.1", 1, "127.0.0.1"))
    assert answers[1] == Failed("connection refused")
    assert isinstance(answers[0], Failed) and answers[0].why.startswith(("no TLS:", "it hung up"))


# -- names and programs, which other threads ask


def test_a_name_is_looked_up_once() -> None:
    looked: list[str] = []

    def look(name: str) -> str:
        looked.append(name)
        if name == "nobody":
            raise OSError(-2, "Name or service not known")
        return "192.0.2.9"

    def make(poller: Poller, clock: Clock) -> Names:
        return Names(Bell(poller), look)

    answers = ask(make, *[Resolve("web09"), Resolve("nobody")] * 3)
    assert answers == [Resolved("192.0.2.9"), Failed("'nobody' has no address: name or service not known")] * 3
    assert sorted(looked) == ["nobody", "web09"]


def test_programs_run_together_and_each_says_its_own() -> None:
    def make(poller: Poller, clock: Clock) -> Programs:
        return Programs(Bell(poller), lambda: {"local": LocalTransport(clock)})

    runs = [Run(Target("web01", ""), Task(shell=f"echo {number}; exit {number}")) for number in range(3)]
    answers = ask(make, *runs)
    assert [(one.out, one.end.exit) for one in answers if isinstance(one, Ran)] == [
        (b"0\n", 0),
        (b"1\n", 1),
        (b"2\n", 2),
    ]


def test_the_end_of_a_certificate_is_that_of_openssl(authority: Authority, tmp_path: Path) -> None:
    """A second opinion."""
    import ssl

    text = authority.file.read_text()
    end = subprocess.run(
        ["openssl", "x509", "-noout", "-enddate"], input=text, capture_output=True, text=True, check=True
    )
    assert not_after(ssl.PEM_cert_to_DER_cert(text)) == ssl.cert_time_to_seconds(end.stdout.strip().partition("=")[2])
