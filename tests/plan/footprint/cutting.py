"""Applies files to a host again and again, killed a little later each time, then once more without being killed.

`python -m tests.plan.footprint.cutting FOLDER` prints a line of JSON for each try: how it is in the end.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from rem_cli.clock import SystemClock
from rem_cli.language import Item
from rem_cli.plan.footprint import record
from rem_cli.reach.local import LocalTransport
from tests.fakes.checkout import Checkout
from tests.plan import cutting
from tests.plan.footprint.yard import Estate, file, host
from tests.plan.shop import Shop

CALLS = {"rename", "fsync", "unlink", "mkdir", "flock"}  # what reaches the disk and the lock; not the pipes


def main(folder: Path) -> None:
    cutting.CALLS = CALLS
    for cut in range(1, 200):
        home = folder / str(cut)
        (home / "etc").mkdir(parents=True)
        os.environ["HOME"] = str(home)
        estate = fresh(home)
        estate.apply(host("web01"), wanted(home, "a"), wanted(home, "b"))
        items = [host("web01"), wanted(home, "a", "new\n"), wanted(home, "c")]
        child = os.fork()
        if child == 0:
            cutting.cut_from_here(cut)
            estate.apply(*items)
            sys.setprofile(None)
            os._exit(0)
        killed = os.waitpid(child, 0)[1] != 0
        again = Estate(estate.shop, {"local": LocalTransport(SystemClock())}, SystemClock())
        again.committed = True
        again.apply(*items)
        print(json.dumps(told(home, again)), flush=True)
        if not killed:
            return


def fresh(home: Path) -> Estate:
    shop = Shop(Checkout(home / "shop"), SystemClock())
    return Estate(shop, {"local": LocalTransport(SystemClock())}, SystemClock())


def wanted(home: Path, name: str, content: str = "hello\n") -> Item:
    return file(name, home / "etc" / name, content=content)


def told(home: Path, estate: Estate) -> dict[str, object]:
    active, known = estate.shop.generations.active(), record.read(estate.shop.generations)
    return {
        "files": {path.name: path.read_text() for path in sorted((home / "etc").iterdir())},
        "active": active.number if active else None,
        "partial": known.partial,
        "pending": known.pending,
        "known": {name: sorted(path.rpartition("/")[2] for path in left.files) for name, left in known.hosts.items()},
        "audit": estate.shop.audit.verify(),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
