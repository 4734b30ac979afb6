"""What a change of the packages means for jobs, hosts and series."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rem_cli.jobs.meaning import Concerned, meaning
from rem_cli.language import Item, Value
from rem_cli.plan.catalog import Catalog, Script
from rem_cli.plan.diff import changes

FIELDS: dict[str, Value] = {
    "name": None, "script": None, "command": ["true"], "shell": None, "hosts": "@web", "workers": 1, "graph": [],
    "retention": [[60, 3600]], "aggregate": "average", "timeout": 300, "grace": 5,
}  # fmt: skip


def host(name: str, group: str = "web") -> Item:
    fields: dict[str, Value] = {"name": name, "address": "192.0.2.1", "tags": []}
    return Item(f"shop/hosts/{group}/{name}", "shop", "hosts", "builtin inventory", name, {"group": group}, fields)


def job(name: str = "load", **fields: Value) -> Item:
    return Item(f"shop/jobs/web/{name}", "shop", "jobs", "builtin jobs", name, {"group": "web"}, {**FIELDS, **fields})


def series(measure: str, retention: list[Value]) -> Item:
    fields: dict[str, Value] = {"of": "shop/jobs/web/load", "field": measure, "retention": retention}
    return Item(f"shop/series/{measure}", "shop", "series", "builtin series", measure, {}, fields)


def catalog(*items: Item, scripts: dict[str, Script] | None = None) -> Catalog:
    return Catalog({item.path: item for item in items}, scripts or {}, None, "", b"")


def said(old: Catalog, new: Catalog) -> list[str]:
    return [f"{one.path}: {one.text}" for one in meaning(old, new, changes(old, new))]


WEB = [host("web01"), host("web02")]
LOAD = "shop/jobs/web/load"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], [*WEB, job()], [f"{LOAD}: runs on 2 hosts: web01, web02"]),
        ([], [job(hosts=None)], [f"{LOAD}: runs on this machine"]),
        ([], [host("db01", "db"), job()], [f"{LOAD}: runs nowhere: no host is '@web'"]),
        ([*WEB, job()], WEB, [f"{LOAD}: no longer runs on 2 hosts: web01, web02; its series stay"]),
        ([WEB[0], job()], [*WEB, job()], [f"{LOAD}: runs on 1 more: web02"]),
        (
            [*WEB, job()],
            [WEB[0], job()],
            ["shop/hosts/web/web02: 1 job no longer runs there; its series stay", f"{LOAD}: no longer runs on web02"],
        ),
        (
            [*WEB, job()],
            [*WEB, job(hosts="@db")],
            [f"{LOAD}: no longer runs on web01, web02; runs nowhere: no host is '@db'"],
        ),
        ([*WEB, job()], [*WEB, job(graph=["load"])], [f"{LOAD}: load: 2 series begin"]),
        ([*WEB, job(graph=["load"])], [*WEB, job()], [f"{LOAD}: load: no more numbers; what is kept stays"]),
        (
            [*WEB, job(graph=["load"])],
            [*WEB, job(graph=["load"], retention=[[60, 7200]])],
            [f"{LOAD}: load: 60s:1h (average) → 60s:2h (average), 2 series, 1.4 kB more"],
        ),
        (
            [*WEB, job(graph=["load"])],
            [*WEB, job(graph=["load"], aggregate="sum")],
            [f"{LOAD}: load: 60s:1h (average) → 60s:1h (sum), 2 series"],
        ),
        (
            [WEB[0], job(graph=["load"])],
            [WEB[0], job(graph=["load"]), series("load", [[60, 600]])],
            [f"{LOAD}: load: 60s:1h (average) → 60s:10m (average), 1 series, 600 bytes less"],
        ),
        ([*WEB, job()], [*WEB, job(timeout=60)], []),
    ],
)
def test_what_a_change_means(old: list[Item], new: list[Item], expected: list[str]) -> None:
    assert said(catalog(*old), catalog(*new)) == expected


def test_a_changed_script_names_the_hosts_that_run_it() -> None:
    items = [*WEB, job(script="packages/shop/a.sh", command=None)]
    old = catalog(*items, scripts={"packages/shop/a.sh": Script("1" * 64, True)})
    new = catalog(*items, scripts={"packages/shop/a.sh": Script("2" * 64, True)})
    assert said(old, new) == [f"{LOAD}: runs the changed packages/shop/a.sh on 2 hosts: web01, web02"]


def test_many_hosts_are_counted_behind_the_first() -> None:
    fleet = [host(f"web{number:02}") for number in range(8)]
    (told,) = said(catalog(), catalog(*fleet, job()))
    assert told == f"{LOAD}: runs on 8 hosts: web00, web01, web02, web03, web04 and 3 more"


def test_a_job_of_an_older_rem_that_cannot_be_read_is_passed_over() -> None:
    assert said(catalog(job(graph="load")), catalog(job())) == [f"{LOAD}: runs nowhere: no host is '@web'"]


SELECTORS = ["web01", "web*", "@web,@db", "!web02", "@web,!web01", "db*,!web02", "tag=a", "~^web", "web01,db01"]


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """A few hosts and jobs, of which another one has the same or other ones."""
    names = draw(st.lists(st.sampled_from(["web01", "web02", "db01", "db02"]), unique=True))
    tagged = [
        replace(one, fields={**one.fields, "tags": draw(st.sampled_from([[], ["a"]]))}) for one in map(_in, names)
    ]
    jobs = [job(f"job{n}", hosts=one) for n, one in enumerate(draw(st.lists(st.sampled_from(SELECTORS), max_size=4)))]
    return catalog(*tagged, *jobs)


def _in(name: str) -> Item:
    return host(name, name[:-2])


@given(old=catalogs(), new=catalogs())
def test_no_job_is_passed_over_for_which_a_change_means_something(old: Catalog, new: Catalog) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Concerned, "__call__", lambda self, job: True)
        whole = said(old, new)
    assert said(old, new) == whole
