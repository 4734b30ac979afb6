"""What the tests of `rem package` ask again and again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.cli.conftest import Repository
from tests.fakes.upstream import Upstream

SHOP = """\
package: shop
require:
  portal: {{git: "{url}", version: "{range}"}}
things: {{one: {{}}}}
"""


def require(repository: Repository, there: Upstream, range: str) -> None:
    repository.package.write_text(SHOP.format(url=there.url, range=range))


def lock_text(repository: Repository) -> str:
    return (repository.root / "rem.lock").read_text()


def forget(repository: Repository) -> None:
    """What this machine has in its cache."""
    shutil.rmtree(Path.home() / ".cache/rem")


def lines(repository: Repository, *words: str) -> list[str]:
    """What a command says, without commit ids and the folder of this test."""
    done = repository.rem(*words)
    text = re.sub(r"\b[0-9a-f]{7}\b", "COMMIT", (done.out + done.err).replace(str(repository.root.parent), ""))
    return [*(re.sub(r" +", " ", line) for line in text.splitlines()), f"[{done.status}]"]
