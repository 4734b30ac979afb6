"""Compiling, storing, loading and finding."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from rem_cli.errors import NoTargetError
from rem_cli.plan.catalog import CatalogError, from_json
from rem_cli.plan.diff import changes
from tests.plan.shop import CLEAN, RESTART, Shop, item, resolution

SCRIPT = "packages/shop/run.sh"


def test_a_catalog_comes_back_from_its_file_as_it_was(shop: Shop) -> None:
    odd = item("shop/jobs/web/odd", text="a\nb\x1b\u2028é", deep={"z": [1, 1.0, None, True], "a": {}}, big=10**30)
    catalog = shop.compile(resolution(RESTART, odd, scripts=[SCRIPT]), {SCRIPT: "#!/bin/sh\n"})
    loaded = from_json(catalog.to_json())
    assert loaded == catalog
    assert list(loaded.items["shop/jobs/web/odd"].fields) == ["name", "text", "deep", "big"]
    assert loaded.scripts[SCRIPT].sha256 == hashlib.sha256(b"#!/bin/sh\n").hexdigest()


def test_a1_the_hash_depends_on_the_content_and_on_nothing_else(shop: Shop) -> None:
    one = shop.compile(resolution(RESTART, CLEAN))
    other = shop.compile(resolution(CLEAN, RESTART), {"README": "another commit"})
    assert one.hash == other.hash
    assert one.commit != other.commit


def test_a1_the_hash_is_the_same_in_another_process(shop: Shop) -> None:
    program = (
        "from tests.plan.shop import *; from rem_cli.language.told import content_of, row; import hashlib;"
        "items = resolution(CLEAN, RESTART).items; rows = [row(items[path] for path in sorted(items))];"
        "print(hashlib.sha256(content_of(rows, {}, {})).hexdigest())"
    )
    told = {
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True).stdout
        for seed in ("1", "2")
    }
    assert told == {shop.compile(resolution(CLEAN, RESTART)).hash.encode() + b"\n"}


def test_a_script_s_content_and_executable_bit_are_part_of_the_hash(shop: Shop) -> None:
    resolved = resolution(RESTART, scripts=[SCRIPT])
    catalogs = [shop.compile(resolved, {SCRIPT: "one"}), shop.compile(resolved, {SCRIPT: "two"})]
    (shop.checkout.root / SCRIPT).chmod(0o755)
    catalogs.append(shop.compile(resolved))
    assert len({catalog.hash for catalog in catalogs}) == 3
    assert [catalog.scripts[SCRIPT].executable for catalog in catalogs] == [False, False, True]


def test_a_script_outside_of_packages_is_found(shop: Shop) -> None:
    catalog = shop.compile(resolution(RESTART, scripts=["tools/run.sh"]), {"tools/run.sh": "x"})
    assert list(catalog.scripts) == ["tools/run.sh"]


def test_items_are_found_by_what_the_engine_does_with_them(shop: Shop) -> None:
    host = item("shop/machines/berlin/web01", section="machines", process="builtin inventory")
    catalog = shop.compile(resolution(RESTART, host, CLEAN))
    assert [found.key for found in catalog.of("builtin jobs")] == ["clean up", "restart"]


@pytest.mark.parametrize(
    "typed", ["shop/http-pages/web/my-page", "shop/http_pages/web/my-page", "/shop/http pages/web/my-page/"]
)
def test_section_words_may_be_typed_without_spaces(shop: Shop, typed: str) -> None:
    catalog = shop.compile(resolution(item("shop/http pages/web/my-page", section="http pages"), RESTART))
    assert catalog.item(typed).key == "my-page"


def test_inner_section_words_may_be_typed_without_spaces_too(shop: Shop) -> None:
    path = "shop/hosts/a-b/web01/disk checks/root"
    catalog = shop.compile(resolution(item(path, section="hosts/disk checks")))
    assert catalog.item("shop/hosts/a-b/web01/disk-checks/root").path == path
    with pytest.raises(NoTargetError):
        catalog.item("shop/hosts/a b/web01/disk checks/root")  # the user's own keys are as they are


@pytest.mark.parametrize(
    ("typed", "message", "hint"),
    [
        ("shop/jobs/web/restrat", "there is no 'restrat' in shop/jobs/web", "did you mean 'shop/jobs/web/restart'"),
        ("shpo/jobs/web/restart", "there is no 'shpo' among the packages", "did you mean 'shop/jobs/web/restart'"),
        ("restart", "there is no 'restart' among the packages", "did you mean shop/jobs/web/restart"),
        ("shop/jobs/web/zzzzzz", "there is no 'zzzzzz' in shop/jobs/web", "there is: clean up, restart"),
        ("shop/jobs/web", "'shop/jobs/web' is no item but a group of them", f"one of: {CLEAN.path}, {RESTART.path}"),
        ("shop/jobs/web/restart/x", "there is no 'x' in shop/jobs/web/restart", "did you mean shop/jobs/web/restart"),
        ("", "there is no '' among the packages", "there is: shop"),
    ],
)  # fmt: skip
def test_a_path_that_is_no_item_says_what_was_meant(shop: Shop, typed: str, message: str, hint: str) -> None:
    catalog = shop.compile(resolution(RESTART, CLEAN))
    with pytest.raises(NoTargetError) as refused:
        catalog.item(typed)
    assert (refused.value.message, refused.value.hint) == (message, hint)


def test_an_empty_catalog_has_nothing_to_suggest(shop: Shop) -> None:
    with pytest.raises(NoTargetError) as refused:
        shop.compile(resolution()).item("shop/jobs/web/restart")
    assert refused.value.hint == "rem validate"


def test_every_damage_is_noticed(shop: Shop) -> None:
    text = shop.compile(resolution(RESTART)).to_json()
    damaged = [b"", b"{}", b"\x00" * 100, text[:-40], text.replace(b"restart", b"restore"), b"[" * 100_000]
    for broken in damaged:
        with pytest.raises(CatalogError, match="the catalog is damaged") as refused:
            from_json(broken)
        assert refused.value.hint == "compile it again: rem apply"


def test_a_catalog_of_a_newer_rem_is_refused(shop: Shop) -> None:
    head, content = shop.compile(resolution(RESTART)).to_json().split(b"\n", 1)
    newer = json.dumps({**json.loads(head), "schema": "rem.catalog/2"}).encode()
    with pytest.raises(CatalogError, match="newer rem"):
        from_json(newer + b"\n" + content)


def test_changes_name_items_fields_and_scripts(shop: Shop) -> None:
    old = shop.compile(resolution(RESTART, CLEAN, scripts=[SCRIPT]), {SCRIPT: "one"})
    more = item("shop/jobs/web/restart", workers=2, title="Restart")
    new = shop.compile(resolution(more, item("shop/jobs/web/new"), scripts=[SCRIPT]), {SCRIPT: "two"})
    told = changes(old, new)
    assert (told.added, told.removed) == (("shop/jobs/web/new",), ("shop/jobs/web/clean up",))
    assert told.changed == {"shop/jobs/web/restart": ("workers", "title")}
    assert told.scripts == {SCRIPT: "changed"}


@pytest.mark.parametrize(
    "other",
    [
        item("shop/jobs/web/restart", workers=1.0),
        item("shop/jobs/web/restart", workers=1, more=None),
        item("shop/jobs/web/restart", workers=1, process="own"),
        item("shop/jobs/web/restart", workers=1, section="hosts/jobs"),
        item("shop/jobs/web/restart"),
    ],
)
def test_another_hash_always_shows_as_a_change(shop: Shop, other: object) -> None:
    old, new = shop.compile(resolution(RESTART)), shop.compile(resolution(other))  # type: ignore[arg-type]
    assert old.hash != new.hash
    assert changes(old, new)


def test_nothing_becomes_different_between_equal_catalogs(shop: Shop) -> None:
    catalog = shop.compile(resolution(RESTART))
    assert not changes(catalog, catalog)
    assert changes(None, catalog).added == (RESTART.path,)
