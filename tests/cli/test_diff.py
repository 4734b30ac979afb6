"""`rem diff`, plans, `rem rollback` and environments as a person types them."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import Repository

MORE = "    web03: {reach: local}\n"


@pytest.fixture
def changed(active: Repository) -> Repository:
    """One more host in the work tree, and another time limit."""
    text = active.package.read_text()
    text = text.replace("    web02: {reach: local}\n", f"    web02: {{reach: local}}\n{MORE}")
    active.package.write_text(text.replace("timeout: 50s", "timeout: 40s"))
    return active


def test_it_says_what_the_work_tree_means(changed: Repository) -> None:
    told = changed.rem("diff")
    assert re.sub(r"\(\w{7}\)", "(COMMIT)", told.out).splitlines() == [
        "+ shop/hosts/web/web03",
        "· shop/jobs/try/bad      runs on 1 more: web03",
        "· shop/jobs/try/good     runs on 1 more: web03",
        "· shop/jobs/try/half     runs on 1 more: web03",
        "· shop/jobs/try/numbers  runs on 1 more: web03",
        "~ shop/jobs/try/slow     runs on 1 more: web03",
        "    timeout: 50s → 40s",
        "",
        "1 added, 1 changed: the work tree against generation 1 (COMMIT)",
    ]
    assert told.status == 0


def test_nothing_changes_and_nothing_is_written(active: Repository) -> None:
    active.rem("validate")  # what it kept for the next time is no answer
    before = sorted(active.state.rglob("*"))
    told = active.rem("diff", "--exit-code")
    assert re.fullmatch(r"the work tree says what generation 1 \(\w{7}\) says: nothing changes\n", told.out)
    assert (told.status, sorted(active.state.rglob("*"))) == (0, before)


def test_comments_order_and_files_are_no_difference(active: Repository) -> None:
    text = active.package.read_text().replace("hosts:\n", "# our hosts\nhosts:\n", 1)
    active.package.unlink()
    head, _, jobs = text.partition("jobs:\n")
    active.write({"packages/shop/package.yaml": f"jobs:\n{jobs}{head}"})
    assert active.rem("diff", "--exit-code").status == 0


def test_github_shows_each_change_at_its_place(changed: Repository) -> None:
    assert changed.rem("diff", "--format", "github").out.splitlines() == [
        "::notice file=packages/shop/package.yaml,line=8,col=5,endColumn=10,title=added%3A shop/hosts/web/web03"
        "::shop/hosts/web/web03 is added",
        *(
            f"::notice file=packages/shop/package.yaml,line={line},col=5,endColumn={5 + len(name)},"
            f"title=concerned%3A shop/jobs/try/{name}::shop/jobs/try/{name} is concerned%0Aruns on 1 more: web03"
            for name, line in (("bad", 13), ("good", 11), ("half", 12), ("numbers", 15))
        ),
        "::notice file=packages/shop/package.yaml,line=14,col=71,endColumn=74,title=changed%3A shop/jobs/try/slow"
        "::shop/jobs/try/slow is changed%0Aruns on 1 more: web03%0Atimeout: 50s → 40s",
    ]


def test_github_has_no_place_for_what_is_gone(active: Repository) -> None:
    active.package.write_text(active.package.read_text().replace("    web02: {reach: local}\n", ""))
    told = active.rem("diff", "--format", "github").out.splitlines()
    assert told[0].startswith(
        "::notice title=removed%3A shop/hosts/web/web02::shop/hosts/web/web02 is removed%0A5 jobs"
    )


@pytest.mark.parametrize("words", ["::add-mask::x", "a%0A::set-env name=PATH::x", "::stop-commands::y", "a,b:c"])
def test_45_github_obeys_no_name_of_a_package(active: Repository, words: str) -> None:
    """Attack 45: one command an item, and nothing of theirs begins a line or ends a property."""
    script = "packages/more/scripts/x.sh"
    text = f'queues: {{"{words}": {{title: "{words}"}}}}\njobs: {{a: {{b: {{script: scripts/x.sh}}}}}}\n'
    active.write({"packages/more/package.yaml": text, script: "#!/bin/sh\n"})
    lines = active.rem("diff", "--format", "github").out.splitlines()
    assert len(lines) == 3
    for line in lines:
        properties, _, data = line.removeprefix("::notice ").partition("::")
        assert line.startswith("::notice file=packages/")
        assert all(re.fullmatch(r"(file|line|col|endColumn|title)=[^:,]*", one) for one in properties.split(","))
        assert "%0A" not in data.replace("%250A", "").replace("%0Aruns on this machine", "")


def test_status_3_only_when_it_is_asked_for(changed: Repository) -> None:
    assert (changed.rem("diff").status, changed.rem("diff", "--exit-code").status) == (0, 3)


def test_before_the_first_apply_everything_is_added(shop: Repository) -> None:
    told = shop.rem("diff")
    assert told.out.endswith("7 added: the work tree against nothing\n")


def test_two_commits(changed: Repository) -> None:
    changed.commit()
    told = changed.rem("diff", "HEAD", "--against", "HEAD~1", "--format", "json").document
    assert told["added"] == ["shop/hosts/web/web03"]
    assert told["values"] == {"shop/jobs/try/slow": {"timeout": {"old": 50, "new": 40}}}
    assert {"path": "shop/jobs/try/good", "kind": "hosts", "text": "runs on 1 more: web03"} in told["meaning"]


def test_packages_with_errors_are_told_as_such(changed: Repository) -> None:
    changed.write({"packages/shop/package.yaml": "hosts: {web: {web01: {reech: local}}}"})
    told = changed.rem("diff")
    assert told.status == 4
    assert "1 error; nothing was compared" in told.err


def test_markdown_of_hostile_names_is_text(active: Repository) -> None:
    """Attack 45."""
    name = "x|<b>`[a](javascript:1)"
    active.write({"packages/bad.yaml": f"hosts: {{'{name}': {{web09: {{reach: local}}}}}}"})
    told = active.rem("diff", "--format", "markdown").out
    assert "web09" in told
    assert "<b>" not in told
    assert "](" not in told
    assert [row.count("|") for row in told.splitlines() if "web09" in row] == [4] * told.count("bad/hosts")


def test_a_plan_needs_a_commit(changed: Repository) -> None:
    told = changed.rem("diff", "--out", "x.plan")
    assert (told.status, "a plan is made from a commit" in told.err) == (2, True)


def test_a_plan_of_another_environment_is_refused(changed: Repository) -> None:
    """Attack 54."""
    changed.commit()
    plan = str(changed.root / "x.plan")
    assert changed.rem("-E", "staging", "diff", "HEAD", "--out", plan).status == 0
    told = changed.rem("apply", plan)
    assert told.status == 8
    assert "the plan is for staging, and this is production" in told.err
    assert changed.rem("-E", "staging", "apply", plan).status == 0


def test_environments_have_generations_of_their_own(changed: Repository) -> None:
    changed.commit()
    assert "generation 1" in changed.rem("-E", "staging", "apply").out
    assert changed.rem("-E", "staging", "diff", "--exit-code").status == 0
    assert changed.rem("diff", "--exit-code").status == 3
    assert changed.rem("status", "--format", "json").document["active"]["generation"] == 1


def test_an_environment_is_a_name(active: Repository) -> None:
    told = active.rem("-E", "../x", "status")
    assert (told.status, "is no name of an environment" in told.err) == (2, True)


def test_rollback_and_release(changed: Repository) -> None:
    changed.applied()
    assert "generation 3" in changed.rem("rollback", "--why", "too many").out
    refused = changed.rem("apply")
    assert (refused.status, "(too many)" in refused.err) == (11, True)
    assert changed.rem("status", "--format", "json").document["hold"]["generation"] == 2
    assert changed.rem("release").out == "the hold is lifted\n"
    assert changed.rem("release").out == "nothing was held back\n"
    assert changed.rem("apply").status == 0


def test_a_share_that_is_none_is_usage(active: Repository) -> None:
    assert active.rem("apply", "--max-prune", "some").status == 2
