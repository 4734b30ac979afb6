"""`rem job retry`: once more, where it did not end well."""

from __future__ import annotations

from tests.cli.conftest import Repository


def test_only_hosts_that_failed_are_run_again_with_the_same_parameters(empty: Repository) -> None:
    package = """\
package: shop
version: 0.1.0
hosts: {web: {web01: {reach: local}, web02: {reach: local}}}
jobs:
  try:
    half: {shell: 'echo "$REM_PARAM_SAY"; test "$REM_HOST" = web01 || test -e mended', hosts: "@web", params: {say: a}}
"""
    empty.applied({"packages/shop/package.yaml": package})
    assert empty.rem("job", "run", "shop/jobs/try/half", "--param", "say=once", "--quiet").status == 5
    again = empty.rem("job", "retry", "1", "--format", "json")
    assert again.status == 6
    assert [(one["host"], one["stdout"]) for one in again.document["hosts"]] == [("web02", "once\n")]
    assert again.document["params"] == {"say": "once"}


def test_a_run_that_ended_well_is_left_alone(active: Repository) -> None:
    assert active.rem("job", "run", "shop/jobs/try/good", "--quiet").status == 0
    assert active.rem("job", "retry", "1").out == "all hosts of run 1 ended well: nothing to do\n"
    assert active.rem("job", "list", "--format", "json").document["runs"][0]["run"] == 1
