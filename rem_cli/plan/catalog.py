"""The catalog: everything that the packages of one commit say, resolved, in one file that is fast to load.

The file is two lines. The second is the content in canonical JSON, whose sha256 is the catalog's hash; the first tells
the schema, the hash and the commit that it was compiled from. The same content has the same hash on every machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.language import Item, Resolution, Value
from rem_cli.language.told import content_of, row
from rem_cli.plan.find import find
from rem_cli.tree import Tree

SCHEMA = 1
_NAME = "rem.catalog/"


class CatalogError(RemError):
    """A stored catalog cannot be used."""

    code = "catalog"


class Script(NamedTuple):
    """A file of the packages that items name."""

    sha256: str
    executable: bool


Wanted = Callable[[str], bool]


@dataclass(frozen=True)
class Catalog:
    """All items by path, and the scripts they name by their path from the repository's root."""

    items: Mapping[str, Item]
    scripts: Mapping[str, Script]
    commit: str | None  # full id; None for the work tree; no part of the hash
    hash: str  # 64 hex digits
    _content: bytes = field(repr=False, compare=False)
    locked: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)  # packages from elsewhere, each exactly

    def item(self, path: str) -> Item:
        """The item at a path, whose section words may be typed with `-` or `_`; NoTargetError with what was meant."""
        return find(self.items, path)

    def of(self, process: str, naming: Wanted | None = None, choosing: Wanted | None = None) -> list[Item]:
        """Every item that the engine handles in one way ("builtin jobs"), by path.

        Where only those are wanted that are `naming` a script by its path or a package, or that are `choosing` hosts by
        a selector (or say "runs locally"), those of packages in which none does may be left out.
        """
        return [item for item in self.items.values() if item.process == process]

    def apart(self, other: Catalog) -> Collection[str] | None:
        """The packages that may say other things here than there; None when it may be any of them."""
        return None

    def other_scripts(self, other: Catalog) -> Collection[str]:
        """Paths of scripts that are here and not there, or there and not here, or not the same."""
        paths = self.scripts.keys() | other.scripts.keys()
        return [path for path in paths if self.scripts.get(path) != other.scripts.get(path)]

    def within(self, packages: Collection[str]) -> Mapping[str, Item]:
        """The items of some packages, by path."""
        return {path: item for path, item in self.items.items() if item.package in packages}

    def to_json(self) -> bytes:
        head = {"schema": f"{_NAME}{SCHEMA}", "hash": self.hash, "commit": self.commit}
        return json.dumps(head).encode() + b"\n" + self._content + b"\n"


NOTHING = Catalog({}, {}, None, "", b"")  # what is active before anything was applied


def compile_catalog(resolution: Resolution, tree: Tree) -> tuple[Catalog, Mapping[str, bytes]]:
    """The catalog of a resolved tree, and the content of its scripts by their sha256."""
    contents = tree.read_many(sorted(resolution.scripts))
    entries = tree.entries()
    if not resolution.scripts <= entries.keys():
        entries = tree.entries("")
    scripts = {
        path: Script(hashlib.sha256(content).hexdigest(), entries[path].executable)
        for path, content in sorted(contents.items())
    }
    items = dict(sorted(resolution.items.items()))
    content = content_of([row(items.values())], scripts, resolution.locked)
    hash = hashlib.sha256(content).hexdigest()
    catalog = Catalog(items, scripts, tree.commit, hash, content, resolution.locked)
    return catalog, {scripts[path].sha256: content for path, content in contents.items()}


def from_json(text: bytes) -> Catalog:
    """A catalog from its file; CatalogError when that is damaged or of a newer REM."""
    first, _, rest = text.partition(b"\n")
    content = rest.removesuffix(b"\n")
    try:
        head = json.loads(first)
        schema = int(head["schema"].removeprefix(_NAME))
        if schema > SCHEMA:
            raise CatalogError(
                f"the catalog was written by a newer rem ({_NAME}{schema}, this one knows {SCHEMA})",
                hint="use that rem, or compile it again with this one: rem apply",
            )
        if hashlib.sha256(content).hexdigest() != head["hash"]:
            raise ValueError("its hash is another one")
        body = json.loads(content)
        items = {one["path"]: Item(**one) for one in body["items"]}
        scripts = {path: Script(*told) for path, told in body["scripts"].items()}
        return Catalog(items, scripts, head["commit"], head["hash"], content, body.get("locked", {}))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CatalogError(f"the catalog is damaged: {error}", hint="compile it again: rem apply") from error
