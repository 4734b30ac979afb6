"""What packages require of each other, and of packages from elsewhere, held against what there is and what is locked.

`require: {base portal: ">=2,<3"}` names a package of the same repository; `{git: URL, version: ">=2,<3"}` one of
another, which `rem.lock` then names to the commit. Nothing is fetched here: what is not locked is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rem_cli.language import Finding
from rem_cli.language.at import At
from rem_cli.language.files import ROOT
from rem_cli.language.giturl import url_problem
from rem_cli.language.lock import FILE, Locked
from rem_cli.language.names import nearest, vocabulary
from rem_cli.language.packages import Package
from rem_cli.language.ranges import Bound, Range, meant_range, parse_range
from rem_cli.language.schema import Report
from rem_cli.language.selection import Requirement
from rem_cli.language.versions import parse_version

LOCK = "rem package lock"
_LIKE = 'like ">=1,<2"'
_WORDS = ("git", "version")


@dataclass(frozen=True)
class Elsewhere:
    """Packages that are not of this repository."""

    locked: Mapping[str, Locked] = field(default_factory=dict)  # by name, from rem.lock
    held: frozenset[str] = frozenset()  # the names of those whose files are among the files of the tree
    files: bool = False  # whether the operator allows file:// addresses


@dataclass(frozen=True)
class Wanted:
    """One line of `require`, read."""

    name: str
    at: At  # the name's value
    bounds: At  # where the range stands
    range: Range
    git: At | None = None

    @property
    def url(self) -> str | None:
        return str(self.git.data) if self.git else None

    def by(self, package: str) -> Requirement:
        """As the selection of versions knows it."""
        return Requirement(package, self.name, self.range, self.url, self.bounds.place, self.bounds.text or "")


def require(package: Package, packages: Mapping[str, Package], elsewhere: Elsewhere, report: Report) -> None:
    """Check what a package requires of others."""
    for wanted in read_require(package, report, files=elsewhere.files):
        _check(package, wanted, packages, elsewhere, report)


def check_elsewhere(packages: Mapping[str, Package], elsewhere: Elsewhere, report: Report) -> None:
    """Check packages from elsewhere: each is the version of its tag, and each is required by somebody."""
    for name in elsewhere.held & packages.keys():
        _check_version(packages[name], elsewhere.locked[name], report)
    _check_unused(packages, elsewhere, report)


def read_require(package: Package, report: Report, *, files: bool = False) -> Iterator[Wanted]:
    """The requirements of a package."""
    at = package.words.get("require")
    if at is None:
        return
    if not isinstance(at.data, dict):
        hint = 'like {base portal: ">=1,<2"}'
        report(Finding("REM1201", f"require is a mapping, not {at.kind}", at.place, hint=hint))
        return
    for name, child in at.children():
        if name == package.name:
            report(Finding("REM1104", "a package cannot require itself", child.key_place, hint="take it out"))
            continue
        wanted = _read(name, child, report, files)
        if wanted is not None:
            yield wanted


def _read(name: str, at: At, report: Report, files: bool) -> Wanted | None:
    if not isinstance(at.data, dict):
        bounds = _range(name, at, at, report)
        return Wanted(name, at, at, bounds) if bounds else None
    words: dict[str, At] = {}
    for key, child in at.children():
        word = vocabulary(key)
        if word not in _WORDS or word in words:
            near = nearest(word, _WORDS)
            hint = f"did you mean '{near}'?" if near and near != word else 'like {git: URL, version: ">=1,<2"}'
            text = f"'{key}' is {'here twice' if word in words else 'not a word of a requirement'}"
            report(Finding("REM1703", text, child.key_place, hint=hint))
            return None
        words[word] = child
    if missing := [word for word in _WORDS if word not in words]:
        text = f"what is required of '{name}' has no {' and no '.join(missing)}"
        report(Finding("REM1703", text, at.key_place, hint='like {git: URL, version: ">=1,<2"}'))
        return None
    git = words["git"]
    problem = url_problem(git.data, files=files) if isinstance(git.data, str) else f"this is {git.kind}, not a text"
    if problem is not None:
        report(Finding("REM1702", problem, git.place, hint=_url_hint(git)))
        return None
    bounds = _range(name, words["version"], at, report)
    return Wanted(name, at, words["version"], bounds, git) if bounds else None


def _url_hint(git: At) -> str | None:
    if isinstance(git.data, str) and git.data.startswith("file://"):
        return "if you test on this machine only: allow_file_urls = true in your own configuration"
    return "use ssh with a key, or https without a user"


def _range(name: str, at: At, key: At, report: Report) -> Range | None:
    if at.data is None:
        report(Finding("REM1105", f"'{name}' has no range of versions", key.key_place, hint=_LIKE))
        return None
    bounds = parse_range(at.text or "")
    if bounds is None:
        meant = meant_range(at.text or "")
        hint = f'write "{meant}"' if meant else _LIKE
        shown = f"'{at.shown}'" if at.text is not None else f"this is {at.kind} and"
        report(Finding("REM1105", f"{shown} is not a range of versions", at.place, hint=hint))
    elif bounds.empty:
        hint = "the lower bound comes first and is the smaller one"
        report(Finding("REM1709", f"no version can be '{at.shown}'", at.place, hint=hint))
        return None
    return bounds


def _check(
    package: Package, wanted: Wanted, packages: Mapping[str, Package], elsewhere: Elsewhere, report: Report
) -> None:
    """One requirement against the package that has the name, here or in the lock."""
    found = packages.get(wanted.name)
    here = found is not None and wanted.name not in elsewhere.held
    ours = package.name not in elsewhere.held
    git = wanted.url or (None if ours else elsewhere.locked[package.name].git)
    if git and here:
        text = f"'{wanted.name}' is a package of this repository and is required from {git}"
        hint = "rename the one here: neither may stand in for the other"
        report(Finding("REM1707", text, wanted.at.key_place, hint=hint))
    elif here:
        assert found is not None
        if "version" in found.words or found.whole:
            _check_here(wanted, found, report)
    elif wanted.name in elsewhere.locked:
        _check_locked(wanted, git, elsewhere.locked[wanted.name], report)
    elif git:
        text = f"'{wanted.name}' is required from {git} and is not in {FILE}"
        report(Finding("REM1704", text, wanted.at.key_place, hint=LOCK, see=LOCK))
    else:
        near = nearest(wanted.name, (name for name in packages if name not in elsewhere.held))
        meant = f"did you mean '{near}'?" if near else f"take it out, or make {ROOT}/{wanted.name}.yaml"
        text = f"there is no package '{wanted.name}' in this repository"
        report(Finding("REM1104", text, wanted.at.key_place, hint=meant))


def _check_here(wanted: Wanted, found: Package, report: Report) -> None:
    have = parse_version(found.version)
    if have is None or wanted.range.admits(have):
        return  # what is no version was reported where it stands
    bound = wanted.range.broken(have)
    if bound is None:
        text = f"'{found.name}' is version {have}, a pre-release that {wanted.bounds.shown} does not ask for"
        report(Finding("REM1106", text, wanted.bounds.place, hint=f'write ">={have}" if you mean it'))
        return
    text = f"'{found.name}' is version {have}, which is not {_as_written(wanted, bound)}"
    given = "version" in found.words
    mend = "widen the range" if given else f"give {found.name} a line version: {bound.version}"
    report(Finding("REM1106", text, wanted.bounds.place, hint=mend))


def _as_written(wanted: Wanted, bound: Bound) -> str:
    """A bound in the words of whoever wrote the range."""
    parts = [part.strip() for part in (wanted.bounds.text or "").split(",")]
    return parts[wanted.range.bounds.index(bound)]


def _check_locked(wanted: Wanted, git: str | None, locked: Locked, report: Report) -> None:
    problem = None
    if git is not None and git != locked.git:
        problem = f"{FILE} takes '{wanted.name}' from {locked.git}, not from {git}"
    elif not wanted.range.admits(locked.version):
        problem = f"{FILE} has '{wanted.name}' at {locked.version}, which is not {wanted.bounds.shown}"
    if problem:
        place = wanted.git.place if wanted.git and git != locked.git else wanted.bounds.place
        report(Finding("REM1705", problem, place, hint=LOCK, see=LOCK))


def _check_version(package: Package, locked: Locked, report: Report) -> None:
    """The version that a package from elsewhere gives itself is the one of its tag."""
    said = package.words.get("version")
    if said is not None and parse_version(said.text or "") != locked.version:
        text = f"'{locked.name}' calls itself {said.shown}, and its tag is {locked.tag}"
        report(Finding("REM1712", text, said.place, hint="tell its owners; until then require another version"))


def _check_unused(packages: Mapping[str, Package], elsewhere: Elsewhere, report: Report) -> None:
    """What is locked comes with items: nothing is there that no package of this repository asks for."""
    if not elsewhere.locked.keys() <= elsewhere.held:
        return  # what those require is not known
    reached: set[str] = set()
    waiting = [name for name in packages if name not in elsewhere.held]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in packages:
            reached.add(name)
            waiting.extend(packages[name].requires)
    for name, locked in elsewhere.locked.items():
        if name not in reached:
            text = f"{FILE} holds '{name}', which no package requires"
            report(Finding("REM1706", text, locked.place, hint=LOCK, see=LOCK))
