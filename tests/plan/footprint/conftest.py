from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.reach.local import LocalTransport
from tests.fakes.counted import Counted
from tests.plan.footprint.yard import Estate, Yard
from tests.plan.shop import Shop


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counted]:
    """Programs of this machine, with a home of their own."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    yield Counted(LocalTransport(SystemClock()))


@pytest.fixture
def yard(tmp_path: Path, local: Counted) -> Yard:
    (tmp_path / "etc").mkdir()
    return Yard(tmp_path / "etc", {"local": local})


@pytest.fixture
def estate(shop: Shop, local: Counted) -> Estate:
    return Estate(shop, {"local": local}, SystemClock())
