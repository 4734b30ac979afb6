"""What the tests of several rooms share."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from rem_cli.reach.loopback import Fleet
from rem_cli.secrets import environment, known
from tests.fakes.fleet import FaultyHosts


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """Also where a shell began the tests in the background, which then ignore it, and all that they start as well."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_secret_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that another test read in this process."""
    known.forget()
    monkeypatch.setattr(environment, "_taken", {})


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Twelve hosts on a real sshd. A test that changes known_hosts copies the file first."""
    with Fleet(tmp_path_factory.mktemp("fleet"), 12) as hosts:
        yield hosts


@pytest.fixture
def faulty() -> Iterator[FaultyHosts]:
    """Hosts that go wrong."""
    with FaultyHosts() as hosts:
        yield hosts
