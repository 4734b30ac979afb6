from __future__ import annotations

from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from tests.fakes.checkout import Checkout
from tests.plan.shop import Shop


class FixedClock(SystemClock):
    def now(self) -> float:
        return 1700000000.0


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def shop(tmp_path: Path, clock: FixedClock) -> Shop:
    return Shop(Checkout(tmp_path / "shop"), clock)
