"""Several environments of one repository: each with values of its own, and with what is active in it."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Repository

OVER = "    web03: {reach: local}\n"
PACKAGE = """\
package: shop
environments: [prod, staging]
hosts:
  web:
    web01: {reach: local}
jobs:
  try:
    good: {command: [echo, hello], hosts: "@web", timeout: 1m}
in:
  staging:
    hosts: {web: {web02: {reach: local}}}
    jobs: {try: {good: {timeout: 5m}}}
"""


@pytest.fixture
def both(empty: Repository) -> Repository:
    empty.commit({"packages/shop/package.yaml": PACKAGE})
    return empty


def test_each_is_shown_with_its_values_and_where_they_are_from(both: Repository) -> None:
    there = both.rem("-E", "staging", "show", "shop/jobs/try/good", "--origin").out
    assert "environment, packages/shop/package.yaml:12:34; not own, packages/shop/package.yaml:8:60, default" in there
    assert "5m" in there
    assert "60s" in both.rem("-E", "prod", "show", "shop/jobs/try/good", "--origin").out
    assert both.rem("-E", "prod", "show", "shop/hosts/web/web02").status == 9


def test_each_has_what_is_active_in_it(both: Repository) -> None:
    assert both.rem("-E", "prod", "apply").status == 0
    told = both.rem("-E", "staging", "diff", "--format", "json").document
    assert told["added"] == ["shop/hosts/web/web01", "shop/hosts/web/web02", "shop/jobs/try/good"]
    assert both.rem("-E", "staging", "apply").status == 0
    for name, hosts in (("prod", 1), ("staging", 2)):
        listed = both.rem("-E", name, "host", "list", "--format", "json").document["hosts"]
        assert len(listed) == hosts
        assert both.rem("-E", name, "diff", "--exit-code").status == 0
    both.commit({"packages/shop/package.yaml": PACKAGE.replace("5m", "6m")})
    assert both.rem("-E", "prod", "diff", "HEAD", "--exit-code").status == 0
    assert "timeout: 5m → 6m" in both.rem("-E", "staging", "diff", "HEAD").out


@pytest.mark.parametrize(
    "words", ["apply", "diff", "show shop/jobs/try/good", "status", "job list --jobs", "host list"]
)
def test_one_that_is_not_declared_is_an_error_with_what_was_meant(both: Repository, words: str) -> None:
    told = both.rem("-E", "stagin", *words.split())
    assert (told.status, told.out, told.err) == (
        2, "", "rem: the packages have no environment 'stagin', but prod, staging\nhint: did you mean staging?\n",
    )  # fmt: skip
    told = both.rem(*words.split())
    assert (told.status, told.err) == (
        2, "rem: the packages have no environment 'production', but prod, staging\nhint: say which: rem -E prod …\n",
    )  # fmt: skip


def test_all_are_checked_and_what_is_wrong_in_one_is_told_with_its_name(both: Repository) -> None:
    assert (both.rem("validate").status, both.rem("validate").status) == (0, 0)
    both.write({"packages/shop/package.yaml": PACKAGE.replace("timeout: 5m", "timeout: 5")})
    for words in (["validate"], ["validate"], ["-E", "prod", "validate"]):  # what is kept says the same
        told = both.rem(*words)
        assert told.status == 4
        assert "packages/shop/package.yaml:12:34: error 5 has no unit (in staging) REM1301" in told.out
    assert both.rem("-E", "prod", "diff").status == 4


def test_p1_what_one_environment_breaks_is_applied_in_none(both: Repository) -> None:
    """Case 109: a commit is whole, or it is not."""
    both.commit({"packages/shop/package.yaml": PACKAGE.replace("timeout: 5m", "timeout: 5")})
    told = both.rem("-E", "prod", "apply")
    assert (told.status, "have 1 error; nothing was applied" in told.err) == (4, True)


def test_many_packages_beside_it_say_the_same_kept_or_not(both: Repository) -> None:
    """More than are read at once, so that what was found before is used again."""
    more = {f"packages/p{number}.yaml": f"queues: {{q{number}: {{bound: 7}}}}\n" for number in range(80)}
    both.commit(more)  # type: ignore[arg-type]
    assert both.rem("validate").status == 0
    both.write({"packages/p7.yaml": "queues: {q7: {bound: 8}}\nin: {staging: {queues: {q7: {bound: x}}}}\n"})
    told = both.rem("validate")
    assert (told.status, told.out.count("(in staging)")) == (4, 1)
    both.write({"packages/p7.yaml": "queues: {q7: {bound: 8}}\nin: {staging: {queues: {q7: {bound: 9}}}}\n"})
    assert both.rem("validate").status == 0
    for name, bound in (("prod", 8), ("staging", 9)):
        assert both.rem("-E", name, "show", "p7/queues/q7", "--format", "json").document["fields"]["bound"] == bound
