"""The packages that REM ships are sound, and are what their texts say of them."""

from __future__ import annotations

from rem_cli import shipped
from rem_cli.language import Resolution
from tests.language.tree import resolve


def packages() -> Resolution:
    """All that is shipped but REM's own base, as one tree."""
    root = shipped.folder("packages")
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return resolve({f"packages/{name}": path.read_bytes() for name, path in files.items() if name[:5] != "base/"})


def test_the_shipped_packages_are_without_a_finding() -> None:
    assert packages().findings == ()


def test_a_specification_is_shipped_with_an_instance() -> None:
    found = packages()
    assert (found.packages["http-site"].specification, found.packages["shop-site"].of) == (True, ("http-site",))
    assert [path for path in found.items if path.startswith(("http-site/", "shop-site/"))] == [
        "shop-site/alerts/slow site",
        "shop-site/jobs/site/fetch",
        "shop-site/monitors/site/cart",
        "shop-site/monitors/site/fetch",
        "shop-site/monitors/site/health",
        "shop-site/series/time to fetch",
        "shop-site/slas/site/available",
        "shop-site/slas/site/fast",
    ]
    health = found.items["shop-site/monitors/site/health"].fields
    assert [health[name] for name in ("url", "every", "timeout")] == ["https://shop.example/health", 30, 2]


def test_the_first_jobs_file_is_shipped() -> None:
    found = packages().items["nightly/jobs/tester/tester2"].fields
    assert [found[name] for name in ("group", "name", "command", "workers")] == ["tester", "Tester Script 2", None, 1]
