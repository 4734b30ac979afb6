"""`--confirm-within`: a host that cannot be reached any more after a change puts all of it back by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.plan.footprint.environment import HostsFailedError
from rem_cli.plan.footprint.rollout import Pace
from rem_cli.reach import End, Outcome, Transport
from rem_cli.reach.local import LocalTransport
from tests.fakes.counted import Counted
from tests.fakes.transport import Play, PlayTransport
from tests.plan.footprint.yard import Estate, ends, file, host

CUT_OFF = Play(End(Outcome.UNREACHABLE, why="no answer in 10 s"))


def reached_by(estate: Estate, transports: Mapping[str, Transport]) -> None:
    """What the links are made of by which hosts are reached anew."""

    @contextmanager
    def fresh() -> Iterator[Mapping[str, Transport]]:
        yield transports

    estate.fresh = fresh


def until(true: Callable[[], bool]) -> None:
    for _ in range(3000):  # the host's own clock is what is waited for
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen in 30 s")


def test_what_is_confirmed_stays(estate: Estate, local: Counted, tmp_path: Path) -> None:
    anew = Counted(LocalTransport(SystemClock()))
    reached_by(estate, {"local": anew})
    items = [host("web01"), file("motd", tmp_path / "motd", content="hello\n")]
    assert ends(estate.apply(*items, pace=Pace(confirm_within=600))) == {"web01": "ok"}
    assert local.verbs() == [("web01", "look"), ("web01", "put")]
    assert anew.verbs() == [("web01", "confirm")]
    assert ends(estate.apply(*items)) == {"web01": "unchanged"}
    (kept,) = (tmp_path / "home/.local/state/rem/footprint").iterdir()
    assert {path.name for path in kept.iterdir()} <= {"lock", "owned"}


def test_what_is_not_confirmed_is_put_back_and_told_as_a_failure(estate: Estate, tmp_path: Path) -> None:
    path = tmp_path / "motd"
    estate.apply(host("web01"), file("motd", path, content="hello\n"))
    reached_by(estate, {"local": PlayTransport({"web01": CUT_OFF})})
    changed = [host("web01"), file("motd", path, content="new\n"), file("issue", tmp_path / "issue", content="x")]
    with pytest.raises(HostsFailedError) as failed:
        estate.apply(*changed, pace=Pace(confirm_within=1))
    assert failed.value.message == (
        "no host could be changed; on web01 was not confirmed in 1 s, so it puts all back: no answer in 10 s"
    )
    assert [str(one.ended) for one in failed.value.done] == ["rolled back"]
    until(lambda: path.read_text() == "hello\n" and not (tmp_path / "issue").exists())
    active = estate.shop.generations.active()
    assert active is not None
    assert active.number == 1
    assert ends(estate.apply(*changed)) == {"web01": "ok"}
    assert path.read_text() == "new\n"
