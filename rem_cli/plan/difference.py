"""The difference between two catalogs as every face tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rem_cli.language.schema import Section
from rem_cli.language.shown import written
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Changes, Meaning


@dataclass(frozen=True)
class Difference:
    """Two catalogs, and what lies between them."""

    old: Catalog
    new: Catalog
    changes: Changes
    meaning: Sequence[Meaning]
    sections: Mapping[str, Section]  # to write values as a package does

    def __bool__(self) -> bool:
        return bool(self.changes)

    def rows(self) -> Iterator[tuple[str, str, list[str]]]:
        """Each item that differs, or is concerned: how, its path, and what that means for it. By path."""
        how = dict.fromkeys(self.changes.added, "added") | dict.fromkeys(self.changes.removed, "removed")
        how |= dict.fromkeys(self.changes.changed, "changed")
        said: dict[str, list[str]] = {path: [] for path in how}
        for one in self.meaning:
            said.setdefault(one.path, []).append(one.text)
        for path in sorted(said):
            yield how.get(path, "concerned"), path, said[path]

    def fields(self, path: str) -> Iterator[tuple[str, str, str]]:
        """The changed fields of an item, before and after, as they are written."""
        before, after = (written(side.items[path], self.sections) for side in (self.old, self.new))
        for name in self.changes.changed.get(path, ()):
            if name in before or name in after:
                yield name, before.get(name, "nothing"), after.get(name, "nothing")
            else:
                yield name, "", "defined anew"

    def counts(self) -> str:
        """`2 added, 1 changed`."""
        counted = {
            "added": len(self.changes.added), "changed": len(self.changes.changed), "removed": len(self.changes.removed)
        }  # fmt: skip
        return ", ".join(f"{count} {word}" for word, count in counted.items() if count) or "no item differs"
