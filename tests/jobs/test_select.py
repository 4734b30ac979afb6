"""Host selectors."""

from __future__ import annotations

import pytest

from rem_cli.errors import NoTargetError, Place, RemError, UsageError
from rem_cli.jobs.select import select
from tests.jobs.items import host

BERLIN = {"site": "berlin", "group": "web"}
PARIS = {"site": "paris", "group": "db"}
INVENTORY = [
    host("web01", BERLIN, tags=["edge", "db"]),
    host("web02", BERLIN, port=2222),
    host("web03", BERLIN, name="shop front", reach="local"),
    host("db1", PARIS, tags=["db"], **{"rack row": "A"}),
    host("db12", PARIS),
]


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("web01", "web01"),
        ("db1, web01", "web01 db1"),  # the inventory's order, not the selector's
        ("web01,web01,web0?", "web01 web02 web03"),
        ("shop front", "web03"),
        ("shop/hosts/paris/db/db1", "db1"),
        ("shop/hosts/berlin/*", "web01 web02 web03"),
        ("*", "web01 web02 web03 db1 db12"),
        ("*b*1*", "web01 db1 db12"),
        ("web*,!web02", "web01 web03"),
        ("!web02,web*", "web01 web03"),
        ("!web*", "db1 db12"),
        ("@berlin", "web01 web02 web03"),
        ("@db,!db12", "db1"),
        ("@ber*", "web01 web02 web03"),
        ("tag=db", "web01 db1"),
        ("tags=db,!tag=edge", "db1"),
        ("site=paris", "db1 db12"),
        ("port=2222", "web02"),
        ("reach=local", "web03"),
        ("rack_row=A", "db1"),
        ("rack-row = A", "db1"),
        (r"~^db\d+$", "db1 db12"),
        (r"~^db\d{1,1}$", "db1"),
        (r"~^(db1|web01)$,!~^w[a,e]b", "db1"),
        ("~berlin", "web01 web02 web03"),
    ],
)
def test_a_selector_means_these_hosts(selector: str, chosen: str) -> None:
    assert [item.key for item in select(selector, INVENTORY)] == chosen.split()


@pytest.mark.parametrize(
    ("selector", "column", "says", "hint"),
    [
        ("", 1, "no host is named", "`*` means all of them"),
        (" , ", 1, "no host is named", "`*` means all of them"),
        ("web01,!", 7, "'!' names no host", None),
        ("@", 1, "'@' names no host", None),
        ("web01, =db", 8, "'=db' needs a field and a value", None),
        ("tag=", 1, "'tag=' needs a field and a value", None),
        ("web01,sit=berlin", 7, "'sit' is not a field of any host", "did you mean site?"),
        ("web01,!tagg=edge", 8, "'tagg' is not a field of any host", "did you mean tags?"),
        (r"web01,~^(db", 9, "this `(` is never closed", None),
        (r"!~(a)\1", 6, r"`\1` is not known here", None),
    ],
)
def test_what_cannot_be_read_is_pointed_at(selector: str, column: int, says: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as refused:
        select(selector, INVENTORY)
    assert _told(refused.value) == (says, hint, column)


@pytest.mark.parametrize(
    ("selector", "column", "says", "hint"),
    [
        ("wbe01", 1, "no host is called 'wbe01'", "did you mean web01?"),
        ("web01,web04", 7, "no host is called 'web04'", "did you mean web01?"),
        ("*,!wbe03", 4, "no host is called 'wbe03'", "did you mean web03?"),
        ("@berln", 1, "no host is '@berln'", "did you mean berlin?"),
        ("site=pariss", 1, "no host is 'site=pariss'", "did you mean paris?"),
        ("mail*", 1, "no host is 'mail*'", "there are 5 hosts: rem host list"),
        ("web01,!web*", 1, "no host is 'web01,!web*'", "its exclusions take away every host that the rest names"),
    ],
)
def test_a_host_that_is_not_there_is_said_with_the_nearest_names(
    selector: str, column: int, says: str, hint: str
) -> None:
    """F 88: a host that is named and absent stops the run before anything is done."""
    with pytest.raises(NoTargetError) as refused:
        select(selector, INVENTORY)
    assert _told(refused.value) == (says, hint, column)


def test_an_empty_inventory_says_how_to_begin() -> None:
    with pytest.raises(NoTargetError) as refused:
        select("*", [])
    assert refused.value.hint == "there are no hosts yet: rem new host"


def _told(error: RemError) -> tuple[str, str | None, int]:
    assert isinstance(error.where, Place)
    return error.message, error.hint, error.where.column
