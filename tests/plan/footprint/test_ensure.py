"""What must be so on hosts: it is checked, brought about where it is not so, and checked once more."""

from __future__ import annotations

from pathlib import Path

import pytest

from rem_cli.errors import InvalidPackagesError
from rem_cli.language import Item, Value
from rem_cli.plan.footprint import record
from rem_cli.plan.footprint.ensure import Ensure, How, in_order
from rem_cli.plan.footprint.environment import HostsFailedError
from rem_cli.plan.footprint.rollout import Pace
from tests.fakes.counted import Counted
from tests.plan.footprint.yard import Estate, ends, ensure, file, host

NEVER = ["false"]


def there(path: Path, hosts: str = "*", **fields: Value) -> Item:
    """A file that must exist; its name is the item's."""
    return ensure(path.name, ["test", "-e", str(path)], ["touch", str(path)], hosts, **fields)


def ran(local: Counted) -> list[tuple[str, ...]]:
    """The programs that were run, without those of REM itself."""
    return [task.argv for _, task in local.tasks if task.argv[0] != "sh"]


def test_a3_what_is_not_so_is_brought_about_and_checked_once_more(
    estate: Estate, local: Counted, tmp_path: Path
) -> None:
    path = tmp_path / "swap"
    applied = estate.apply(host("web01"), there(path))
    check, apply = ("test", "-e", str(path)), ("touch", str(path))
    assert ran(local) == [check, apply, check]
    assert [(one.ensure.item, one.how) for one in applied.hosts[0].ensured] == [("shop/ensure/disk/swap", How.MADE_SO)]
    assert estate.shop.audit.records()[-1].hosts == {"web01": "ok: made so: shop/ensure/disk/swap"}


def test_a6_a_second_apply_only_checks(estate: Estate, local: Counted, tmp_path: Path) -> None:
    items = [host("web01"), there(tmp_path / "swap")]
    estate.apply(*items)
    local.tasks.clear()
    kept, head = (estate.shop.generations.home / "footprint").read_bytes(), estate.shop.audit.head()
    applied = estate.apply(*items)
    assert ran(local) == [("test", "-e", str(tmp_path / "swap"))]
    assert (applied.new, ends(applied)) == (False, {"web01": "unchanged"})
    assert ((estate.shop.generations.home / "footprint").read_bytes(), estate.shop.audit.head()) == (kept, head)


def test_files_come_first_and_then_each_after_what_it_names(estate: Estate, local: Counted, tmp_path: Path) -> None:
    conf, early, late = tmp_path / "conf", tmp_path / "z", tmp_path / "a"
    estate.apply(
        host("web01"),
        ensure("a", ["test", "-e", str(late)], ["cp", str(early), str(late)], after=["shop/ensure/disk/z"]),
        ensure("z", ["test", "-e", str(early)], ["cp", str(conf), str(early)], after=["shop/files/conf"]),
        file("conf", conf, content="hello\n"),
    )
    assert late.read_text() == "hello\n"
    assert [argv[0] for argv in ran(local)] == ["test", "cp", "test"] * 2


@pytest.mark.parametrize("status", [1, 10])
def test_either_status_of_a_check_says_that_it_is_not_so(
    estate: Estate, local: Counted, tmp_path: Path, status: int
) -> None:
    path = tmp_path / "flag"
    check = ["env", "sh", "-c", f"test -e {path} || exit {status}"]
    estate.apply(host("web01"), ensure("flag", check, ["touch", str(path)]))
    assert path.exists()


@pytest.mark.parametrize(
    ("check", "apply", "why"),
    [
        (["env", "sh", "-c", "echo no such disk >&2; exit 3"], ["true"], "check: exit status 3: no such disk"),
        (NEVER, ["env", "sh", "-c", "echo full; exit 4"], "apply: exit status 4: full"),
        (NEVER, ["true"], "apply ended well, and its check still says that it is not so"),
    ],
)
def test_a_host_on_which_it_fails_is_told_with_the_reason_and_nothing_after_it_is_run(
    estate: Estate, local: Counted, tmp_path: Path, check: list[str], apply: list[str], why: str
) -> None:
    with pytest.raises(HostsFailedError) as failed:
        estate.apply(host("web01"), ensure("a", check, apply), there(tmp_path / "b"))
    assert failed.value.done[0].why == f"shop/ensure/disk/a: {why}"
    assert not (tmp_path / "b").exists()
    assert record.read(estate.shop.generations).partial == ["web01"]


def test_its_timeout_ends_it(estate: Estate) -> None:
    with pytest.raises(HostsFailedError) as failed:
        estate.apply(host("web01"), ensure("a", ["sleep", "600"], ["true"], timeout=0.1))
    assert failed.value.done[0].why.startswith("shop/ensure/disk/a: check: ")


def test_a9_a_failed_one_makes_the_generation_partial_and_resume_goes_on(
    estate: Estate, local: Counted, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    one = there(tmp_path / "first", hosts="web01")
    two = ensure(
        "second", ["test", "-e", str(tmp_path / "second")], ["cp", str(gate), str(tmp_path / "second")], "web02"
    )
    items = [host("web01"), host("web02"), one, two, file("conf", tmp_path / "conf", "web02", content="x")]
    assert ends(estate.apply(*items)) == {"web01": "ok", "web02": "failed"}
    assert (tmp_path / "conf").read_text() == "x"
    assert list(record.read(estate.shop.generations).hosts["web02"].files) == [str(tmp_path / "conf")]
    gate.touch()
    local.tasks.clear()
    assert ends(estate.apply(*items, pace=Pace(resume=True))) == {"web01": "unchanged", "web02": "ok"}
    assert [argv[0] for argv in ran(local)] == ["test", "cp", "test"]


def test_it_leaves_nothing_to_prune_and_a_failed_host_is_forgotten_with_it(
    estate: Estate, local: Counted, tmp_path: Path
) -> None:
    bad = ensure("bad", NEVER, NEVER, "web02")
    assert ends(estate.apply(host("web01"), host("web02"), there(tmp_path / "a"), bad))["web02"] == "failed"
    local.tasks.clear()
    estate.apply(host("web01"), host("web02"))
    assert (local.tasks, record.read(estate.shop.generations).hosts) == ([], {})
    assert (tmp_path / "a").exists()


def test_without_refresh_nothing_is_run_and_with_it_only_checks(estate: Estate, local: Counted, tmp_path: Path) -> None:
    compiled = estate.compiled(
        host("web01"),
        there(tmp_path / "a"),
        ensure("b", NEVER, NEVER, after=["shop/ensure/disk/a"]),
        ensure("c", ["true"], NEVER),
        ensure("d", ["env", "false"], NEVER, user=""),
    )
    footprint = estate.footprint()
    unasked = footprint.plan(compiled.catalog, compiled, refresh=False)
    assert ([one.how for one in unasked[0].ensured], local.tasks) == ([How.UNCHECKED] * 4, [])
    asked = footprint.checked(footprint.plan(compiled.catalog, compiled, refresh=True))
    assert [(one.ensure.item[-1], one.how) for one in asked[0].ensured] == [
        ("a", How.NOT_SO),
        ("b", How.UNCHECKED),
        ("c", How.SO),
        ("d", How.NOT_SO),
    ]
    assert not (tmp_path / "a").exists()


def test_words_of_another_user_go_through_sudo_as_words(
    estate: Estate, local: Counted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever refuses to become that user is no check that says no."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sudo", "runuser"):
        (tools / name).write_text('#!/bin/sh\necho "$@" >&2\nexit 1\n')
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    with pytest.raises(HostsFailedError) as failed:
        estate.apply(host("web01"), ensure("a", ["id", "$(reboot)"], ["true"], user="deploy"))
    assert failed.value.done[0].why.startswith("shop/ensure/disk/a: check: exit status 1: ")
    assert "-u deploy -- sh -c" in failed.value.done[0].why


def test_the_order_is_that_of_after_and_else_of_paths() -> None:
    items = [
        ensure("c", NEVER, NEVER),
        ensure("a", NEVER, NEVER, after=["shop/ensure/disk/c"]),
        ensure("b", NEVER, NEVER),
    ]
    assert [one.item[-1] for one in in_order(items)] == ["c", "a", "b"]
    assert Ensure.read(items[0]).timeout == 300


def test_a_circle_through_packages_is_refused_before_anything_is_done(estate: Estate, local: Counted) -> None:
    one = ensure("a", NEVER, NEVER, after=["shop/ensure/disk/b"])
    two = ensure("b", NEVER, NEVER, after=["shop/ensure/disk/a"])
    with pytest.raises(InvalidPackagesError) as refused:
        estate.apply(host("web01"), one, two)
    assert refused.value.message == (
        "each of these waits for the next, so none can be first: shop/ensure/disk/a → shop/ensure/disk/b → "
        "shop/ensure/disk/a; nothing was applied"
    )
    assert local.tasks == []
