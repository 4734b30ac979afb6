"""Who is on duty, from the packages and from what was said by command since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rem_cli.errors import NoTargetError
from rem_cli.language.names import nearest
from rem_cli.wire import Rem

if TYPE_CHECKING:
    from rem_cli.alerts.oncall import Duty
    from rem_cli.alerts.oncall.kept import Overrides
    from rem_cli.check import Verdict
    from rem_cli.plan.catalog import Catalog


def proved(rem: Rem, verdict: Verdict) -> Verdict:
    """A verdict with what is wrong of people at this time; only where nothing else is wrong, which might be why."""
    from rem_cli.alerts.oncall.findings import timely
    from rem_cli.language import Severity
    from rem_cli.language.findings import Findings

    if any(one.severity is Severity.ERROR for one in verdict.findings):
        return verdict
    found = Findings()
    for one in (*verdict.findings, *timely(verdict.timed, int(rem.clock.now()))):
        found.report(one)
    return verdict._replace(findings=found.sorted())


class OnCall:
    """The role accounts and contacts of the active generation, or of the work tree."""

    def __init__(self, rem: Rem, *, tree: bool = False) -> None:
        self._rem = rem
        self.catalog: Catalog = (rem.work_tree_source() if tree else rem.active_source()).catalog

    @property
    def overrides(self) -> Overrides:
        from rem_cli.alerts.oncall.kept import Overrides

        return Overrides(self._rem.state)

    def duties(self) -> Mapping[str, Duty]:
        """Every role account by its path, with the overrides that were made by command."""
        from rem_cli.alerts.oncall.read import duties

        found = duties(self.catalog.items.values())
        if not (self._rem.state_folder / "state.sqlite").is_file():  # nothing is made where nothing was kept
            return found
        kept = self.overrides.all()
        return {
            path: duty.with_overrides(tuple(one.override for one in kept if one.duty == path))
            for path, duty in found.items()
        }

    def duty(self, name: str) -> Duty:
        """The role account of a path, or of a name that no other one has; NoTargetError."""
        return self.duties()[self._path(name, "role accounts", "role account")]

    def contact(self, name: str, package: str) -> str:
        """The path of a contact: of a name, first among those of a package; NoTargetError."""
        own = f"{package}/contacts/{name}"
        return own if own in self.catalog.items else self._path(name, "contacts", "contact")

    def _path(self, name: str, process: str, title: str) -> str:
        items = self.catalog.of(f"builtin {process}")
        if "/" in name:
            found = self.catalog.item(name)
            if found not in items:
                raise NoTargetError(f"{found.path} is no {title}", hint=_named([one.path for one in items]))
            return found.path
        paths = [item.path for item in items if item.key == name]
        if len(paths) == 1:
            return paths[0]
        if paths:
            raise NoTargetError(f"several {process} are called '{name}'", hint=_named(paths))
        near = nearest(name, [item.key for item in items])
        hint = f"did you mean '{near}'?" if near else _named([item.path for item in items])
        raise NoTargetError(f"there is no {title} '{name}'", hint=hint)


def _named(paths: Sequence[str]) -> str:
    return f"there is: {', '.join(sorted(paths)[:5])}" if paths else "rem schema show role-accounts"
