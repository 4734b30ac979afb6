"""The last step over a whole tree: whether the items that packages name are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from rem_cli.errors import Place
from rem_cli.language import Finding
from rem_cli.language.held import Reference
from rem_cli.language.names import nearest


class Known(NamedTuple):
    """What others may ask of an item."""

    package: str
    section: str
    process: str


SUGGESTED = 100  # dangling references that get a suggestion; each looks through all items


class References:
    """Checks references against the items of all packages."""

    def __init__(
        self,
        items: Mapping[str, Known],
        templates: Mapping[str, Known],  # those of specifications
        whole: Mapping[str, bool],  # of each package, whether all of it could be read
        place: Callable[[Reference], Place],
        report: Callable[[Finding, str], None],  # a finding, and the package that it came up in
    ) -> None:
        self._items = items
        self._templates = templates
        self._whole = whole
        self._place = place
        self._report = report
        self._dangling = 0

    def check(self, reference: Reference) -> None:
        """A finding when the item is not there, or is one of another section."""
        found = self._items.get(reference.target) or self._templates.get(reference.target)
        if found and reference.target in self._templates and found.package != reference.package:
            text = f"'{reference.written}' is in a specification, which runs nothing by itself"
            hint = self._instead(reference, found)
            self._report(Finding("REM1520", text, self._place(reference), hint=hint), reference.package)
        elif found is None:
            if self._readable(reference.target) and self._readable(reference.package):
                self._missing(reference)
        elif not {found.section, found.process.removeprefix("builtin ")} & set(reference.to.split(" or ")):
            text = f"'{reference.written}' is one of {found.section}, not of {reference.to}"
            hint = f"name one of {reference.to}"
            self._report(Finding("REM1331", text, self._place(reference), hint=hint), reference.package)

    def _instead(self, reference: Reference, found: Known) -> str:
        inside = reference.target.removeprefix(f"{found.package}/")
        if f"{reference.package}/{inside}" in self._items:
            return f"write {inside}: that of each instance"
        instance = next((path for path in self._items if path.endswith(f"/{inside}")), None)
        return f"name that of an instance, like {instance}" if instance else "name the item of an instance"

    def _readable(self, path: str) -> bool:
        """Whether all that a path could name was read."""
        return self._whole.get(path.partition("/")[0], True)

    def _missing(self, reference: Reference) -> None:
        self._dangling += 1
        to = reference.to.partition(" or ")[0]
        near = self._near(reference) if self._dangling <= SUGGESTED else None
        hint = f"{to}/…/NAME of this package, or PACKAGE/{to}/…/NAME of another"
        text = f"there is no item '{reference.written}'"
        hint = f"did you mean '{near}'?" if near else hint
        self._report(Finding("REM1330", text, self._place(reference), hint=hint), reference.package)

    def _near(self, reference: Reference) -> str | None:
        """The item that was probably meant, as it would be written; its siblings are asked first."""
        whole, own = reference.target, f"{reference.package}/"
        if not whole.startswith(own):
            whole = f"{own}{reference.written}"
        above = whole.rpartition("/")[0] + "/"
        siblings = [path for path in self._items if path.startswith(above)]
        inside = [path for path in self._items if path.startswith(own)]
        near = nearest(whole, siblings) or nearest(whole, inside)
        return near.removeprefix(own) if near else nearest(reference.written, self._items)
