"""`--confirm-within`: a host that cannot be reached any more after a change puts all of it back by itself."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.language import Item
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


@pytest.fixture
def web01(tmp_path: Path) -> Item:
    """A host whose cron reads a folder of the test."""
    (tmp_path / "cron.d").mkdir()
    return host("web01", **{"schedule folder": str(tmp_path / "cron.d")})


def until(true: Callable[[], bool]) -> None:
    for _ in range(3000):  # the host's own clock is what is waited for
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen in 30 s")


def test_what_is_confirmed_stays(estate: Estate, local: Counted, tmp_path: Path, web01: Item) -> None:
    anew = Counted(LocalTransport(SystemClock()))
    reached_by(estate, {"local": anew})
    items = [web01, file("motd", tmp_path / "motd", content="hello\n")]
    assert ends(estate.apply(*items, pace=Pace(confirm_within=600))) == {"web01": "ok"}
    assert local.verbs() == [("web01", "look"), ("web01", "stage"), ("web01", "switch")]
    assert anew.verbs() == [("web01", "confirm")]
    assert ends(estate.apply(*items)) == {"web01": "unchanged"}
    (kept,) = (tmp_path / "home/.local/state/rem/footprint").iterdir()
    assert {path.name for path in kept.iterdir()} <= {"lock", "owned"}
    assert list((tmp_path / "cron.d").iterdir()) == []


def test_what_is_not_confirmed_is_put_back_and_told_as_a_failure(estate: Estate, tmp_path: Path, web01: Item) -> None:
    path = tmp_path / "motd"
    estate.apply(web01, file("motd", path, content="hello\n"))
    reached_by(estate, {"local": PlayTransport({"web01": CUT_OFF})})
    changed = [web01, file("motd", path, content="new\n"), file("issue", tmp_path / "issue", content="x")]
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


def power_cut(home: Path) -> None:
    """Whatever a host of this home runs ends at once."""
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            with suppress(OSError):
                if f"HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)


def test_a_host_that_is_restarted_before_puts_all_back_as_it_comes_up(
    estate: Estate, tmp_path: Path, web01: Item
) -> None:
    path, cron = tmp_path / "motd", tmp_path / "cron.d"
    estate.apply(web01, file("motd", path, content="hello\n"))
    reached_by(estate, {"local": PlayTransport({"web01": CUT_OFF})})
    changed = [web01, file("motd", path, content="new\n"), file("issue", tmp_path / "issue", content="x")]
    with pytest.raises(HostsFailedError):
        estate.apply(*changed, pace=Pace(confirm_within=600))
    power_cut(tmp_path / "home")
    assert path.read_text() == "new\n"
    (hook,) = cron.iterdir()
    assert (hook.stat().st_mode & 0o777, hook.read_text().splitlines()[0]) == (
        0o644, "# Written by REM: puts back what was not confirmed before a restart.",
    )  # fmt: skip
    when, user, command = hook.read_text().splitlines()[1].split(" ", 2)
    assert (when, user) == ("@reboot", pwd.getpwuid(os.getuid()).pw_name)
    (tmp_path / "table").write_text(f"{when} {command}\n")
    subprocess.run(["crontab", "-n", str(tmp_path / "table")], check=True, capture_output=True)
    subprocess.run(["sh", "-c", command], check=True, env={"PATH": os.environ["PATH"], "HOME": "/nowhere"}, timeout=60)
    assert (path.read_text(), (tmp_path / "issue").exists(), list(cron.iterdir())) == ("hello\n", False, [])
    assert ends(estate.apply(*changed)) == {"web01": "ok"}
    (kept,) = (tmp_path / "home/.local/state/rem/footprint").iterdir()
    assert {path.name for path in kept.iterdir()} <= {"lock", "owned"}


def test_what_was_never_undone_stays_with_the_next_apply(estate: Estate, tmp_path: Path, web01: Item) -> None:
    """REM reaches the host again: what is there is known, and no restart undoes it any more."""
    path = tmp_path / "motd"
    reached_by(estate, {"local": PlayTransport({"web01": CUT_OFF})})
    wanted = [web01, file("motd", path, content="new\n")]
    with pytest.raises(HostsFailedError):
        estate.apply(*wanted, pace=Pace(confirm_within=600))
    power_cut(tmp_path / "home")
    assert ends(estate.apply(*wanted)) == {"web01": "ok"}
    assert (path.read_text(), list((tmp_path / "cron.d").iterdir())) == ("new\n", [])
