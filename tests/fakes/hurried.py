"""The real program, for which wall time goes twenty times as fast from `$HURRIED_FROM` on; leases last as ever."""

from __future__ import annotations

import os
import sys
import time

from rem_cli.clock import SystemClock
from rem_cli.main import main
from rem_cli.wire import reading

SPEED = 20.0


class Hurried(SystemClock):
    def now(self) -> float:
        began = float(os.environ["HURRIED_FROM"])
        return began + (time.time() - began) * SPEED


if __name__ == "__main__":
    vars(reading)["SystemClock"] = Hurried
    sys.exit(main(sys.argv[1:]))
