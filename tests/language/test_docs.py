"""The packages in docs/language.md are sound, and what it prints of them is what REM says."""

from __future__ import annotations

import re
from pathlib import Path

from rem_cli.language import Origin
from tests.language.tree import resolve

TEXT = (Path(__file__).parents[2] / "docs/language.md").read_text()
FILES = {found[1]: found[0] for found in re.findall(r"```yaml\n(# (packages/\S+)\n.*?)```", TEXT, re.DOTALL)}


def test_the_packages_are_without_a_finding_and_have_the_items_that_the_text_names() -> None:
    found = resolve(FILES)
    assert (found.findings, list(found.items)) == (
        (),
        ["orders/jobs/checks/load", "orders/queues/orders", "shop/jobs/site/cart", "shop/jobs/site/fetch"],
    )
    assert found.items["shop/jobs/site/fetch"].fields["title"] == "Answers in less than 500ms"


def test_an_environment_has_the_values_that_it_says() -> None:
    for name, bound, graph in (("production", 1000, ["load"]), ("staging", 10, ["load", "tasks"])):
        items = resolve(FILES, environment=name).items
        assert items["orders/queues/orders"].fields["bound"] == bound
        assert items["orders/jobs/checks/load"].fields["graph"] == graph


def test_the_origins_are_those_that_it_prints() -> None:
    origins = resolve(FILES).origins("shop/jobs/site/fetch")
    assert f"\n{_told(origins['graph'])}\n" in TEXT
    assert f"\n{_told(origins['timeout'])}; not default, …\n" in TEXT


def _told(origin: Origin) -> str:
    parts = (f"${{{one.name}}} from {_told(one)}" if one.name else _told(one) for one in origin.parts)
    return "; with ".join([f"{origin.source}, {origin.where}", *parts])
