"""From the items of a catalog to checks."""

from __future__ import annotations

from typing import Any

import pytest

from rem_cli.collect import Machine
from rem_cli.collect.checks import Found, read_checks
from rem_cli.errors import RemError
from rem_cli.language import Item, Value
from rem_cli.plan.catalog import Catalog
from rem_cli.series import Aggregate, Archive, Retention


def item(path: str, process: str, **fields: Value) -> Item:
    named = {name.replace("_", " "): value for name, value in fields.items()}
    package, section, *_ = path.split("/")
    return Item(path, package, section, f"builtin {process}", path.rpartition("/")[2], {}, named)


def read(*items: Item) -> Found:
    catalog = Catalog({one.path: one for one in items}, {}, None, "", b"")
    return read_checks(catalog, lambda reference: f"the secret of {reference}", str.encode, 1000.0)


HOSTS = (
    item("shop/hosts/web/web01", "inventory", address="192.0.2.1", reach="local"),
    item("shop/hosts/web/web02", "inventory", address="192.0.2.2", port=2222, user="ops"),
)


def monitor(key: str = "a", **fields: Value) -> Item:
    return item(f"shop/monitors/web/{key}", "monitors", **fields)


def test_a_monitor_is_a_check_for_each_of_its_hosts() -> None:
    found = read(
        *HOSTS, monitor(kind="ping", hosts="web*", every=300, timeout=2, retries=1, credentials="env:X")
    ).checks
    assert [(one.name, one.target.address, one.target.machine) for one in found] == [
        ("shop/monitors/web/a/web01", "192.0.2.1", Machine(local=True)),
        ("shop/monitors/web/a/web02", "192.0.2.2", Machine(False, 2222, "ops")),
    ]
    assert {(one.kind, one.every, one.retries, one.target.timeout) for one in found} == {("ping", 300.0, 1, 2.0)}
    assert found[0].target.secret == "the secret of env:X"
    assert "the secret" not in repr(found[0])


@pytest.mark.parametrize(
    ("fields", "name", "address"),
    [
        ({"kind": "ping", "address": "192.0.2.9"}, "192.0.2.9", "192.0.2.9"),
        ({"kind": "http", "url": "https://shop.example:8443/x"}, "shop.example", "shop.example"),
        ({"kind": "tls", "name": "shop.example"}, "shop.example", "shop.example"),
        ({"kind": "dns", "name": "shop.example", "address": "192.0.2.53"}, "192.0.2.53", "192.0.2.53"),
        ({"kind": "local"}, "localhost", "localhost"),
    ],
)
def test_without_hosts_its_own_words_name_the_target(fields: dict[str, Any], name: str, address: str) -> None:
    [check] = read(monitor(**fields)).checks
    assert (check.target.name, check.target.address) == (name, address)


def test_a_host_of_this_machine_need_not_have_an_address() -> None:
    here = item("shop/hosts/web/web03", "inventory", reach="local")
    [check] = read(here, monitor(kind="ping", hosts="web03")).checks
    assert (check.name, check.target.address) == ("shop/monitors/web/a/web03", "localhost")


def test_a_check_inside_of_a_host_is_of_that_host() -> None:
    inner = item("shop/hosts/web/web02/monitors/front", "monitors", kind="http", url="http://192.0.2.2/")
    [check] = read(*HOSTS, inner).checks
    assert check.name == "shop/hosts/web/web02/monitors/front/web02"


def test_a_series_of_a_measure_has_its_own_retention() -> None:
    usual: Value = [[60, 3600]]
    said = item(
        "shop/series/long", "series", of="shop/monitors/web/a", field="up", retention=[[60, 86400]], aggregate="min"
    )
    [check] = read(monitor(kind="local", retention=usual), said).checks
    assert check.retention == Retention((Archive(60, 3600),))
    assert check.kept == {"up": Retention((Archive(60, 86400),), Aggregate.MIN)}


def test_a_collector_says_how_often_at_most_and_how_long_it_may_take() -> None:
    collector = item(
        "shop/collectors/queue", "collectors", script="packages/shop/queue.sh", where="host", result="json",
        takes={"name": None}, measures=[{"name": "waiting", "counter": True}], every=300, timeout=20,
    )  # fmt: skip
    told = {"kind": "collector", "collector": "shop/collectors/queue", "hosts": "web01", "where": "here"}
    short, long = read(*HOSTS, collector, monitor("a", **told), monitor("b", **told, every=900, timeout=60)).checks
    assert (short.kind, short.every, short.target.timeout) == ("script", 300.0, 20.0)
    assert (long.every, long.target.timeout) == (900.0, 60.0)
    assert (long.target.text("where"), long.target.programs) == (
        "host",
        {"packages/shop/queue.sh": b"packages/shop/queue.sh"},
    )
    assert long.measures is None


def test_a_job_is_run_where_it_says() -> None:
    job = item(
        "shop/jobs/web/disk", "jobs", command=["check_disk"], hosts="web02", result="nagios", timeout=9, secrets={}
    )
    [check] = read(*HOSTS, job, monitor(kind="job", job="shop/jobs/web/disk", where="here")).checks
    fields = check.target
    assert (fields.name, fields.words("command"), fields.text("result"), fields.text("where")) == (
        "web02",
        ["check_disk"],
        "nagios",
        "host",
    )


def test_what_cannot_be_a_check_is_told_and_the_others_are_made() -> None:
    job = item("shop/jobs/web/disk", "jobs", command=["x"], secrets={"A": "env:A"})
    found = read(
        *HOSTS, job, monitor("a", kind="job", job="shop/jobs/web/disk"), monitor("b", kind="ping", hosts="dc*"),
        monitor("c", kind="local"), item("shop/hosts/db/web01", "inventory", address="192.0.2.3"),
        monitor("d", kind="ping", hosts="web01"),
    )  # fmt: skip
    assert [one.path for one in found.checks] == ["shop/monitors/web/c"]
    assert {path: error.message for path, error in found.wrong.items()} == {
        "shop/monitors/web/a": "shop/jobs/web/disk needs secrets, which a check does not hand on",
        "shop/monitors/web/b": "no host is 'dc*'",
        "shop/monitors/web/d": "shop/hosts/web/web01 and shop/hosts/db/web01 are both called web01",
    }
    assert all(isinstance(error, RemError) for error in found.wrong.values())
