"""Every page says what is so, to people and to programs alike, and holds no script, style or markup of a package."""

from __future__ import annotations

import re

import pytest

from tests.web.served import Served

# address -> what a person reads there, and the name of the same facts as JSON
PAGES = {
    "/": ("3 problems need a person. Wrong 3 of 3 jobs and 1 check", "now"),
    "/alerts": ("1 alert fires.", "alerts"),
    "/oncall": ("ana has shop on call.", "oncall"),
    "/hosts": ("3 hosts.", "hosts"),
    "/hosts?q=db": ("1 host with “db”.", "hosts"),
    "/hosts/shop/hosts/web/web01": ("web01 has no trouble that we know of.", "host"),
    "/hosts/shop/hosts/web/web02": ("web02: disk, 1 ok, 1 failed.", "host"),
    "/graphs": ("Load, 1 minute max 3.25 3.25 x", "graphs"),
    "/graphs?q=nothing": ("0 series with “nothing”.", "graphs"),
    "/graphs/shop/jobs/ops/load/web01/load?span=1h": ("Load, 1 minute is 3.25 x, limit > 2 x.", "graph"),
    "/jobs": ("3 jobs, 2 run by schedule.", "jobs"),
    "/runs/1": ("2 ok of 2 hosts", "run"),
    "/runs/2": ("1 ok, 1 failed of 2 hosts", "run"),
    "/changes": ("Generation 2 is active since", "changes"),
    "/changes/1": ("A shop: 14 added.", "change"),
    "/changes/2": ("Lower the limit: 1 changed.", "change"),
    "/packages/": ("1 package active.", "packages"),
    "/packages/shop/hosts": ("shop/hosts holds 2 things.", "packages"),
    "/packages/shop/hosts/web/web01": ("web01 group web name web01", "packages"),
    "/search?q=jobs%20load": ("1 item with “jobs load”. shop/jobs/ops/load", "search"),
}
MISSING = {
    "/nothing": "there is no page at /nothing.",
    "/alerts/none": "there is no episode 'none'.",
    "/runs/77": "there is no run 77.",
    "/changes/9": "there is no generation 9.",
    "/hosts/shop/hosts/web/web0": "there is no host at 'shop/hosts/web/web0'. did you mean shop/hosts/web/web01?",
    "/packages/shop/job": "nothing is at 'shop/job'.",
    "/graphs/shop/nothing": "there is no series 'shop/nothing'.",
    "/hosts/../../etc/passwd": "there is no",
}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_says_what_is_so(served: Served, cookie: str, address: str) -> None:
    told, name = PAGES[address]
    page = served.ask(address, cookie=cookie)
    assert page.status == 200
    assert told in page.words
    assert served.ask(address, cookie=cookie, accept="application/json").document["schema"] == f"rem.{name}/1"


@pytest.mark.parametrize("address", MISSING)
def test_what_is_not_there_is_a_404_with_what_was_meant(served: Served, cookie: str, address: str) -> None:
    page = served.ask(address, cookie=cookie)
    assert page.status == 404
    assert MISSING[address] in page.words
    error = served.ask(address, cookie=cookie, accept="application/json")
    assert (error.status, error.document["schema"]) == (404, "rem.error/1")


@pytest.mark.parametrize("address", [*PAGES, *MISSING])
def test_62_nothing_of_a_package_is_markup(served: Served, cookie: str, address: str) -> None:
    text = served.ask(address, cookie=cookie).text
    assert re.findall(r"<script[^>]*>", text) == ['<script src="/static/rem.js" defer>']
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|<b>done", text)
    identifiers = re.findall(r'\sid="([^"]*)"', text)
    assert len(identifiers) == len(set(identifiers))


def test_programs_are_given_a_run_as_the_command_gives_it(served: Served, cookie: str) -> None:
    document = served.ask("/runs/2", cookie=cookie, accept="application/json").document
    assert [(one["host"], one["exit"], one["stderr"]) for one in document["hosts"]] == [
        ("web01", 0, "full\n"),
        ("web02", 1, "full\n"),
    ]


def test_the_first_page_names_what_failed_and_where(served: Served, cookie: str) -> None:
    document = served.ask("/", cookie=cookie, accept="application/json").document
    (part,) = document["parts"]
    found = [(one["path"], one["hosts"], one["what"]) for one in part["problems"]]
    assert part["title"] == "Needs a person"
    assert sorted(found) == [
        ("shop/alerts/nobody listens", ["127.0.0.1"], "0 is < 1"),
        ("shop/jobs/ops/disk", ["web02"], "1 ok, 1 failed"),
        ("shop/monitors/reach/closed", ["127.0.0.1"], "failed 1 time in a row"),
    ]
    squares = {one["host"]: one["state"] for group in document["groups"] for one in group["squares"]}
    assert squares == {"db01": "ok", "web01": "ok", "web02": "firing"}


def test_what_a_generation_changed_is_told_by_field(served: Served, cookie: str) -> None:
    (row,) = served.ask("/changes/2", cookie=cookie, accept="application/json").document["rows"]
    assert row["path"] == "shop/series/load"
    assert row["fields"] == [{"name": "limit", "before": "3", "after": "2"}]


def test_an_operator_says_that_they_have_it_and_a_viewer_may_not(served: Served, cookie: str) -> None:
    [row] = served.ask("/alerts", cookie=cookie, accept="application/json").document["open"]
    address = f"/alerts/{row['id']}"
    viewer = served.enter(name="bo", password="a long password")
    for who, status in ((viewer, 403), (cookie, 303)):
        form = re.search(r'name="form" value="(\w+)"', served.ask("/", cookie=who).text)
        assert form
        assert served.post(f"{address}/take", {"form": form[1]}, cookie=who).status == status
    assert served.post(f"{address}/take", {"form": "0"}, cookie=cookie).status == 403
    told = served.ask(address, cookie=cookie)
    assert "Who has it you" in told.words
    assert "acknowledged by you" in " ".join(told.words.split())
    assert served.post(f"{address}/leave", {"form": form[1]}, cookie=cookie).status == 303
    assert "Who has it nobody" in served.ask(address, cookie=cookie).words
