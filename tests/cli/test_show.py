"""`rem show`: what a package is, and who set each value of an item."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Repository

SITE = """\
title: A site that is looked at
specification: true
params:
  url: {type: url, required: true}
  slow: {type: duration, default: 500ms}
  names: {type: list of label}
queues: {}
jobs:
  site:
    fetch: {command: [curl, "${url}"], timeout: "${slow}", title: "> ${slow}"}
"""
FRONT = """\
of: site
with: {url: "https://shop.example"}
jobs:
  site:
    fetch: {+command: ["-L"], title: !unset , grace: 1s}
"""


@pytest.fixture
def made(empty: Repository) -> Repository:
    empty.package.unlink()
    (empty.root / "packages/site.yaml").write_text(SITE)
    (empty.root / "packages/front.yaml").write_text(FRONT)
    return empty


def test_a_specification_tells_its_params_and_its_instances(made: Repository) -> None:
    assert (
        made.rem("show", "site").out
        == """\
site  specification of front
  A site that is looked at
  url:   a url, required
  slow:  500ms                       default, packages/site.yaml:5:35
  names: a list of label, not given
"""
    )


def test_an_instance_tells_what_it_is_of_and_the_values_of_its_params(made: Repository) -> None:
    assert (
        made.rem("show", "front").out
        == """\
front  instance of site
  A site that is looked at
  url:   https://shop.example        param, packages/front.yaml:2:13
  slow:  500ms                       default, packages/site.yaml:5:35
  names: a list of label, not given
front/jobs/site/fetch
"""
    )


def test_a_package_tells_which_ones_it_asks(made: Repository) -> None:
    (made.root / "packages/page.yaml").write_text("fall back: [site, front]\nqueues: {mails: {}}\n")
    assert made.rem("show", "page").out == "page\n  falls back on site, then front\npage/queues/mails\n"
    assert made.rem("show", "page", "--format", "json").document["package"]["fall back"] == ["site", "front"]


def test_a_package_for_programs(made: Repository) -> None:
    package = made.rem("show", "site", "--format", "json").document["package"]
    assert (package["specification"], package["instances"], package["of"]) == (True, ["front"], [])
    assert package["params"][1] == {
        "name": "slow",
        "type": "duration",
        "required": False,
        "info": "",
        "value": 0.5,
        "origin": {"source": "default", "where": "packages/site.yaml:5:35", "beat": []},
    }


def test_who_won_who_lost_and_what_was_put_in(made: Repository) -> None:
    rows = made.rem("show", "front/jobs/site/fetch", "--origin").out.splitlines()
    told = {row.split(":")[0].strip(): row.split("  ")[-1].strip() for row in rows[1:]}
    assert told["command"] == (
        "own, packages/front.yaml:5:23; with specification, packages/site.yaml:10:22; "
        "with ${url} from param, packages/front.yaml:2:13"
    )
    assert told["timeout"].startswith(
        "specification, packages/site.yaml:10:49; with ${slow} from default, packages/site.yaml:5:35; not default, jobs"
    )
    assert told["title"].endswith(
        "of rem's base; not specification, packages/site.yaml:10:67; unset in packages/front.yaml:5:38"
    )


def test_who_won_for_programs(made: Repository) -> None:
    origins = made.rem("show", "front/jobs/site/fetch", "--origin", "--format", "json").document["origins"]
    assert origins["title"]["beat"] == [
        {
            "source": "specification",
            "where": "packages/site.yaml:10:67",
            "beat": [],
            "unset": "packages/front.yaml:5:38",
        }
    ]
    assert origins["timeout"]["with"] == [
        {"source": "default", "where": "packages/site.yaml:5:35", "beat": [], "name": "slow"}
    ]
