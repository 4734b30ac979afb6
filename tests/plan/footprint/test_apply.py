"""`rem apply` makes hosts what the packages say, and says of each how it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from rem_cli.errors import GuardedError, InvalidPackagesError, NoTargetError, Status
from rem_cli.language import Item, Value
from rem_cli.language.share import Share
from rem_cli.plan.footprint import Looked, Machine, Owned, Seen, record
from rem_cli.plan.footprint.environment import HostsFailedError
from rem_cli.plan.footprint.plans import Plan, check_pruned
from rem_cli.plan.footprint.rollout import Pace
from rem_cli.plan.footprint.steps import decide
from rem_cli.reach import Target
from tests.fakes.counted import Counted
from tests.plan.footprint.yard import Estate, ends, ensure, file, host


def each(tmp_path: Path, *names: str, **fields: Value) -> list[Item]:
    """Hosts, each with a file of its own, since here they are all one machine."""
    files = [file(f"of {name}", tmp_path / name, name, content="hello\n", **fields) for name in names]
    return [*(host(name) for name in names), *files]


def test_a3_it_puts_files_on_hosts_and_tells_each(estate: Estate, tmp_path: Path) -> None:
    applied = estate.apply(*each(tmp_path, "web01", "web02"))
    assert ends(applied) == {"web01": "ok", "web02": "ok"}
    assert (tmp_path / "web02").read_text() == "hello\n"
    assert estate.shop.audit.records()[-1].hosts == {"web01": "ok", "web02": "ok"}
    assert record.read(estate.shop.generations).partial == []


def test_a6_a_second_apply_plans_nothing_and_opens_no_way_to_write(
    estate: Estate, local: Counted, tmp_path: Path
) -> None:
    items = each(tmp_path, "web01", "web02")
    estate.apply(*items)
    local.tasks.clear()
    kept = (estate.shop.generations.home / "footprint").stat().st_mtime_ns
    lines = estate.shop.audit.head()
    applied = estate.apply(*items)
    assert local.verbs() == [("web01", "look"), ("web02", "look")]
    assert (applied.new, ends(applied)) == (False, {"web01": "unchanged", "web02": "unchanged"})
    assert (estate.shop.generations.home / "footprint").stat().st_mtime_ns == kept
    assert estate.shop.audit.head() == lines
    assert estate.shop.generations.numbers() == [1]


def test_no_host_is_asked_where_none_has_files(estate: Estate, local: Counted) -> None:
    estate.apply(host("web01"))
    assert local.tasks == []


def test_drift_is_mended_without_a_new_generation(estate: Estate, tmp_path: Path) -> None:
    items = each(tmp_path, "web01")
    estate.apply(*items)
    (tmp_path / "web01").write_text("mine\n")
    applied = estate.apply(*items)
    assert (applied.new, ends(applied), applied.hosts[0].steps[0].by_hand) == (False, {"web01": "ok"}, True)
    assert (tmp_path / "web01").read_text() == "hello\n"
    last = estate.shop.audit.records()[-1]
    assert (last.outcome, last.hosts, last.generation) == ("active already", {"web01": "ok"}, 1)


def test_56_a_file_that_is_not_rems_stops_all_of_it(estate: Estate, local: Counted, tmp_path: Path) -> None:
    (tmp_path / "web02").write_text("mine\n")
    with pytest.raises(GuardedError) as refused:
        estate.apply(*each(tmp_path, "web01", "web02"))
    assert refused.value.message == (
        f"{tmp_path}/web02 on web02 is there already and is not REM's; nothing was applied"
    )
    assert refused.value.hint == f"rem adopt web02 {tmp_path}/web02"
    assert {verb for _, verb in local.verbs()} == {"look"}
    assert (estate.shop.generations.active(), (tmp_path / "web02").read_text()) == (None, "mine\n")


def test_a9_a_host_that_fails_makes_a_partial_generation(estate: Estate, tmp_path: Path) -> None:
    (tmp_path / "web02").mkdir()
    applied = estate.apply(*each(tmp_path, "web01", "web02"))
    assert ends(applied) == {"web01": "ok", "web02": "failed"}
    assert applied.hosts[1].why == f"{tmp_path}/web02 is a folder"
    assert record.read(estate.shop.generations).partial == ["web02"]
    (tmp_path / "web02").rmdir()
    applied = estate.apply(*each(tmp_path, "web01", "web02"))
    assert (applied.new, ends(applied)) == (False, {"web01": "unchanged", "web02": "ok"})
    assert record.read(estate.shop.generations).partial == []


def test_when_no_host_can_be_changed_nothing_becomes_active(estate: Estate, tmp_path: Path) -> None:
    with pytest.raises(HostsFailedError) as failed:
        estate.apply(*each(tmp_path, "web01", check=["false"]))
    assert failed.value.status is Status.ALL_FAILED
    assert failed.value.message == f"no host could be changed; on web01 false says no to {tmp_path}/web01 (exit 1): "
    assert estate.shop.generations.active() is None
    assert not (tmp_path / "web01").exists()


@pytest.mark.parametrize(
    ("pace", "expected"),
    [
        (Pace(), ["ok", "failed", "failed", "ok"]),
        (Pace(batch=Share(1), max_fail=Share(0)), ["ok", "failed", "skipped", "skipped"]),
        (Pace(batch=Share(2), max_fail=Share(1)), ["ok", "failed", "failed", "ok"]),
        (Pace(batch=Share(50, percent=True), max_fail=Share(50, percent=True)), ["ok", "failed", "failed", "ok"]),
    ],
    ids=["all", "first", "one a batch", "half a batch"],
)
def test_a9_batches_end_when_too_many_of_one_fail(
    estate: Estate, tmp_path: Path, pace: Pace, expected: list[str]
) -> None:
    items = each(tmp_path, "web01", "web02", "web03", "web04")
    items += [ensure(name, ["false"], ["false"], name) for name in ("web02", "web03")]
    assert list(ends(estate.apply(*items, pace=pace)).values()) == expected


@pytest.mark.parametrize(
    ("pace", "switched"),
    [
        (Pace(batch=Share(1)), ["web01", "web04"]),
        (Pace(batch=Share(2), max_fail=Share(1)), ["web01", "web04"]),
        (Pace(batch=Share(1), max_fail=Share(0)), []),
        (Pace(max_fail=Share(1)), []),
    ],
    ids=["any", "one a batch", "none", "one of all"],
)
def test_a4_every_host_is_checked_before_the_first_is_switched(
    estate: Estate, local: Counted, tmp_path: Path, pace: Pace, switched: list[str]
) -> None:
    names = ["web01", "web02", "web03", "web04"]
    items = [host(name) for name in names]
    for name in names:
        check: list[Value] = ["false"] if name in ("web02", "web03") else ["true"]
        items.append(file(f"of {name}", tmp_path / name, name, content="hello\n", check=check))
    if switched:
        assert [name for name, ended in ends(estate.apply(*items, pace=pace)).items() if ended == "ok"] == switched
    else:
        with pytest.raises(HostsFailedError) as failed:
            estate.apply(*items, pace=pace)
        assert failed.value.message == (
            "no host was changed: more of a batch would fail than max fail allows; "
            f"on web02 false says no to {tmp_path}/web02 (exit 1): "
        )
        assert [str(one.ended) for one in failed.value.done] == ["skipped", "failed", "failed", "skipped"]
        assert estate.shop.generations.active() is None
    verbs = [(verb, name) for name, verb in local.verbs() if verb != "look"]
    after = [("switch" if switched else "leave", name) for name in ("web01", "web04")]
    assert (sorted(verbs[:4]), verbs[4:]) == ([("stage", name) for name in names], after)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith((".", "web"))) == switched


def test_a7_files_go_with_what_wanted_them(estate: Estate, tmp_path: Path) -> None:
    estate.apply(*each(tmp_path, "web01", "web02"))
    applied = estate.apply(
        host("web01"), host("web02"), file("of web01", tmp_path / "web01", "web01", content="hello\n")
    )
    assert ends(applied) == {"web01": "unchanged", "web02": "ok"}
    assert not (tmp_path / "web02").exists()
    applied = estate.apply(host("web01"), file("of web01", tmp_path / "web01", "web01", content="hello\n"))
    assert ends(applied) == {"web01": "unchanged"}


def test_a7_a_host_that_left_the_packages_is_cleaned(estate: Estate, tmp_path: Path) -> None:
    estate.apply(*each(tmp_path, "web01", "web02"))
    applied = estate.apply(*each(tmp_path, "web01"))
    assert ends(applied) == {"web01": "unchanged", "web02": "ok"}
    assert not (tmp_path / "web02").exists()
    assert list(record.read(estate.shop.generations).hosts) == ["web01"]


@pytest.mark.parametrize(("limit", "said"), [(None, "20% of 12, or 10"), (Share(11), "11 of 12")])
def test_a7_more_files_than_allowed_do_not_go_at_once(limit: Share | None, said: str) -> None:
    owned = {f"/etc/{n}": Owned("file", "0" * 64, 0o644, 1, False, f"/etc/{n}") for n in range(12)}
    seen = {path: Seen("file", "0" * 64, 0o644, "root", "root", "file") for path in owned}
    looked = Looked("root", "root", owned, seen)
    plan = Plan(Machine(Target("web01", "web01"), True), decide("web01", {}, looked, "2026-11-25"), looked)
    check_pruned([plan], Share(12))
    with pytest.raises(GuardedError) as refused:
        check_pruned([plan], limit)
    assert refused.value.message == f"12 of 12 files on hosts would go, more than {said}; nothing was applied"


def test_two_items_that_want_one_path_are_refused(estate: Estate, tmp_path: Path) -> None:
    both = [file("a", tmp_path / "x", content="a"), file("b", tmp_path / "x", content="b")]
    with pytest.raises(InvalidPackagesError) as refused:
        estate.apply(host("web01"), *both)
    assert refused.value.message == (
        f"shop/files/a and shop/files/b both want {tmp_path}/x on web01; nothing was applied"
    )


def test_hosts_that_are_not_there_are_told_with_the_item(estate: Estate, tmp_path: Path) -> None:
    with pytest.raises(NoTargetError) as refused:
        estate.apply(host("web01"), file("a", tmp_path / "x", "web09", content="a"))
    assert refused.value.message == "shop/files/a: no host is called 'web09'"


def test_a9_limit_touches_no_other_host(estate: Estate, local: Counted, tmp_path: Path) -> None:
    items = each(tmp_path, "web01", "web02")
    applied = estate.apply(*items, pace=Pace(limit="web02"))
    assert ends(applied) == {"web01": "skipped", "web02": "ok"}
    assert {name for name, _ in local.verbs()} == {"web02"}
    assert record.read(estate.shop.generations).partial == ["web01"]
    with pytest.raises(NoTargetError):
        estate.apply(*items, pace=Pace(limit="web03"))


def test_a9_resume_touches_only_the_rest(estate: Estate, local: Counted, tmp_path: Path) -> None:
    items = each(tmp_path, "web01", "web02")
    (tmp_path / "web02").mkdir()
    estate.apply(*items)
    (tmp_path / "web02").rmdir()
    local.tasks.clear()
    applied = estate.apply(*items, pace=Pace(resume=True))
    assert ends(applied) == {"web01": "unchanged", "web02": "ok"}
    assert local.verbs() == [("web02", "look"), ("web02", "stage"), ("web02", "switch")]
    assert record.read(estate.shop.generations).partial == []
