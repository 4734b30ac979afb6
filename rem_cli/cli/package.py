"""`rem package`: packages from other repositories, their versions, and the copies of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import options, show
from rem_cli.language.lock import FILE, Locked
from rem_cli.tree import VENDOR

if TYPE_CHECKING:
    from rem_cli.plan.known import Known
    from rem_cli.wire.elsewhere import Relocked

app = root.group("Packages: the ones here, and those required from other repositories.")


@app.callback()
def package() -> None:
    """Packages: the ones here, and those required from other repositories."""


@app.command(name="list")
def list_(
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask the repositories for newer versions.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """List every package with its version, where it comes from and who requires it."""
    with wire.open() as rem:
        known = rem.elsewhere.packages()
        newer = {one.name: rem.elsewhere.newer(one.locked) for one in known if refresh and one.locked}
    if format is options.Format.JSON:
        rows = [{**_told(one), "newer": str(newer[one.name]) if newer.get(one.name) else None} for one in known]
        show.document("packages", {"packages": rows})
        return
    headings = ["package", "version", "from", "files", "required by"]
    table = []
    for one in known:
        commit = f" {one.locked.commit[:7]}" if one.locked else ""
        source = f"{one.git}{commit}" if one.git else "this repository"
        row = [one.name, one.version, source, one.where, ", ".join(one.required_by)]
        table.append([*row, newer.get(one.name) or ""] if refresh else row)
    show.table([*headings, "newer"] if refresh else headings, table, ("bold",))
    where = {one.where for one in known}
    if where & {"missing", "not locked"}:
        show.hint("rem package lock" if "not locked" in where else "rem package fetch")


@app.command()
def lock(
    upgrade: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Take the newest version that is admitted.")
    ] = None,
    locked: Annotated[
        bool | None, typer.Option("--locked/--no-locked", help="Change nothing: status 8 if it should; so in CI.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Go by what the cache has, and ask nobody.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Write to rem.lock which commit each required package is: the smallest version that everybody admits.

    What is locked already stays where it is as long as it is admitted.
    """
    with wire.open() as rem:
        done = rem.elsewhere.lock(upgrade=upgrade or (), locked=_in_ci() if locked is None else locked, offline=offline)
    if format is options.Format.JSON:
        rows = [_locked(one) for one in done.after.values()]
        show.document("package-lock", {"file": FILE, "written": done.written, "packages": rows})
        return
    for row in _changes(done):
        show.line(*row)
    if not done.after and not done.written:
        show.line("no package requires one of another repository")
        return
    count = show.counted(len(done.after), "package")
    show.line((FILE, "bold"), f" has {count}" if done.written else f" has {count}, as before")


@app.command()
def fetch(format: options.AsFormat = options.Format.TEXT) -> None:
    """Get the packages that rem.lock names and this machine has not; nothing else is got, and nothing is changed."""
    with wire.open() as rem:
        got, count = rem.elsewhere.fetch()
    if format is options.Format.JSON:
        show.document("package-fetch", {"fetched": got, "packages": count})
        return
    for name in got:
        show.line(("+", "green"), f" {name}")
    fresh = f", {len(got)} of them new" if got else ""
    show.line(
        f"{show.counted(count, 'package')} of {FILE} on this machine{fresh}" if count else f"{FILE} has no package"
    )


@app.command()
def vendor(format: options.AsFormat = options.Format.TEXT) -> None:
    """Make vendor/packages hold the files of what rem.lock names, so that the repository needs no other.

    Files there that belong to no locked package are taken away; one that no commit holds is never lost.
    """
    with wire.open() as rem:
        done = rem.elsewhere.vendor()
    if format is options.Format.JSON:
        content = {"wrote": list(done.wrote), "removed": list(done.removed), "packages": done.packages}
        show.document("package-vendor", content)
        return
    for sign, color, paths in (("+", "green", done.wrote), ("-", "red", done.removed)):
        for path in paths:
            show.line((sign, color), f" {path}")
    if not done.wrote and not done.removed:
        told = f"{VENDOR}/ holds the {show.counted(done.packages, 'package')} of {FILE} already"
        show.line(told if done.packages else f"{FILE} has no package")
        return
    show.line((f"{VENDOR}/", "bold"), f" holds the {show.counted(done.packages, 'package')} of {FILE}")


def _in_ci() -> bool:
    """Whether a machine builds this: the variable that GitHub, GitLab and most others set."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def _told(one: Known) -> dict[str, object]:
    exact = {"commit": one.locked.commit, "tree": one.locked.tree} if one.locked else {}
    told = {"name": one.name, "version": one.version or None, "git": one.git, "where": one.where}
    return {**told, "required_by": list(one.required_by), **exact}


def _locked(one: Locked) -> dict[str, object]:
    return {"name": one.name, **one.told(), "tag": one.tag, "required_by": list(one.required_by)}


def _changes(done: Relocked) -> list[list[show.Span | str]]:
    rows: list[list[show.Span | str]] = []
    for name, one in done.after.items():
        old = done.before.get(name)
        about = (f"  {one.git} {one.commit[:7]}", "dim")
        if old is None:
            rows.append([("+", "green"), f" {one.label}", about])
        elif (old.version, old.commit, old.git) != (one.version, one.commit, one.git):
            rows.append([("~", "yellow"), f" {name} {old.version} -> {one.version}", about])
    rows += [[("-", "red"), f" {one.label}"] for name, one in done.before.items() if name not in done.after]
    return rows
