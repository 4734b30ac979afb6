"""What a change of the packages means for checks."""

from __future__ import annotations

import pytest

from rem_cli.collect.meaning import meaning
from rem_cli.language import Item
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import changes
from tests.collect.test_checks import item, monitor


def host(name: str) -> Item:
    return item(f"shop/hosts/web/{name}", "inventory", address="192.0.2.1", name=name)


def said(old: list[Item], new: list[Item]) -> list[tuple[str, str]]:
    before, after = (Catalog({one.path: one for one in side}, {}, None, "", b"") for side in (old, new))
    return [(one.path, one.text) for one in meaning(before, after, changes(before, after))]


PING = "shop/monitors/web/a"
WEB = [host("web01"), host("web02")]
ALL = monitor(kind="ping", hosts="web*")
CASES = {
    "a monitor comes": (WEB, [*WEB, ALL], [(PING, "2 checks begin: web01, web02")]),
    "a monitor goes": ([*WEB, ALL], WEB, [(PING, "2 checks end: web01, web02; what was measured stays")]),
    "a host comes": ([WEB[0], ALL], [*WEB, ALL], [(PING, "1 check begins: web02")]),
    "a host goes": ([*WEB, ALL], [WEB[0], ALL], [(PING, "1 check ends: web02; what was measured stays")]),
    "another selector": (
        [*WEB, ALL],
        [*WEB, monitor(kind="ping", hosts="web02")],
        [(PING, "1 check ends: web01; what was measured stays")],
    ),
    "more often": ([*WEB, ALL], [*WEB, monitor(kind="ping", hosts="web*", every=10)], []),
    "something else": (WEB, [*WEB, item("shop/jobs/web/b", "jobs")], []),
}


@pytest.mark.parametrize("case", CASES)
def test_what_begins_and_what_ends(case: str) -> None:
    old, new, expected = CASES[case]
    assert said(old, new) == expected
