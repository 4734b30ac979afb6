"""Every package that a tree has or needs: of its own repository, from others, and those that are not there yet."""

from __future__ import annotations

from dataclasses import dataclass

from rem_cli.language.lock import Locked
from rem_cli.language.packages import read_package
from rem_cli.language.require import read_require
from rem_cli.plan.packages import Taken, heads_of


@dataclass(frozen=True)
class Known:
    """One package that a tree has or needs."""

    name: str
    version: str  # "" when it gives itself none
    git: str | None  # None: one of this repository
    locked: Locked | None
    where: str  # "here", "vendor", "cache", "missing" or "not locked"
    required_by: tuple[str, ...]


def known(whole: Taken) -> list[Known]:
    """Every package of a tree, those of its repository first."""
    heads = heads_of(whole)
    contents = whole.read_many(heads.values())
    packages = {name: read_package(name, {path: contents[path]}) for name, path in heads.items()}
    by: dict[str, list[str]] = {}
    urls: dict[str, str] = {}
    for name, package in packages.items():
        for wanted in read_require(package, lambda finding: None, files=True):
            by.setdefault(wanted.name, []).append(name)
            if wanted.url:
                urls.setdefault(wanted.name, wanted.url)
    locked = whole.elsewhere.locked
    ours = [
        Known(name, package.version if "version" in package.words else "", None, None, "here", tuple(by.get(name, ())))
        for name, package in packages.items()
        if name not in whole.where
    ]
    theirs = {
        name: Known(name, str(one.version), one.git, one, whole.where.get(name, "missing"), one.required_by)
        for name, one in locked.items()
    }
    for name in urls.keys() - locked.keys() - packages.keys():
        theirs[name] = Known(name, "", urls[name], None, "not locked", tuple(by[name]))
    return [*ours, *(theirs[name] for name in sorted(theirs))]
