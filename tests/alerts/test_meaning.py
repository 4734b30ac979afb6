"""What a change of the packages means for alerts that fire."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rem_cli.alerts import Episode
from rem_cli.alerts.meaning import meaning
from rem_cli.language import Item, Value
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import changes

SLOW, FAST = "shop/alerts/slow", "shop/slas/web/fast"
LABELS = {"package": "shop", "service level": "fast", "host": "web01"}
FIRES = Episode("4718", 1, SLOW, "page", LABELS, "900 is > 500", 0.0, 0.0)


def item(path: str, process: str, **fields: Value) -> Item:
    return Item(path, "shop", process, f"builtin {process}", path.rpartition("/")[2], {}, fields)


ALERT, RULE = item(SLOW, "alerts"), item(FAST, "slas", alert=SLOW)
CASES = {
    "the alert goes": ([RULE], [FIRES], [(SLOW, "1 alert that fires is closed: 4718.1")]),
    "the rule goes": ([ALERT], [FIRES], [(FAST, "1 alert that fires is closed: 4718.1")]),
    "the rule fires another": (
        [ALERT, item(FAST, "slas", alert="shop/alerts/other")],
        [FIRES, replace(FIRES, mark="5", labels={**LABELS, "host": "web02"})],
        [(FAST, "2 alerts that fire are closed: 4718.1, 5.1")],
    ),
    "its severity changes": ([item(SLOW, "alerts", severity="ticket"), RULE], [FIRES], []),
    "it is over": ([RULE], [replace(FIRES, closed=1.0)], []),
    "it is another rule's": ([ALERT], [replace(FIRES, labels={**LABELS, "service level": "up"})], []),
}


@pytest.mark.parametrize("case", CASES)
def test_what_fires_and_would_be_closed(case: str) -> None:
    after, episodes, expected = CASES[case]
    old, new = (Catalog({one.path: one for one in side}, {}, None, "", b"") for side in ([ALERT, RULE], after))
    assert [(one.path, one.text) for one in meaning(old, new, changes(old, new), episodes)] == expected
