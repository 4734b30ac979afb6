"""The params of a package and of what it is made from: who gives each its value, and what that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rem_cli.language import Finding, Param, Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.composed import Given
from rem_cli.language.expand import Params, Unknown, expand, nothing
from rem_cli.language.findings import Findings
from rem_cli.language.names import nearest, vocabulary
from rem_cli.language.origins import Roles, written
from rem_cli.language.packages import Package
from rem_cli.language.schema import Field, Report
from rem_cli.language.shown import shown

LONGEST_WAY = 20  # params that name each other


def read_params(
    package: Package, chain: Sequence[Package], whole: bool, roles: Roles, findings: Findings
) -> tuple[Params, tuple[Param, ...]]:
    """The value of every param of a package and of what it is made from.

    A name is one param, whoever defines it: the definition nearest to the package says what it may be, the nearest
    `with` what it is.
    """
    report = findings.report
    levels = [package, *chain]
    known: dict[str, Field] = {}
    for one in reversed(levels):
        known |= one.params
    meant = _unknown(package, chain, report) if whole else set()
    reading = _Reading(known, whole, {name: _setters(name, levels) for name in known}, findings)
    told: list[Param] = []
    for name, param in known.items():
        at = reading.value(name)
        if at is None and not reading.setters[name] and not package.specification and whole and name not in meant:
            _missing(package, chain, param, report)
        value = reading.saved.get(name)
        text = None if value is None else shown(value, param.type)
        origin = written(at, roles) if at is not None and at.data is not None else None
        told.append(Param(name, param.type.title, param.required, param.info, value, text, origin))
    return reading.params, tuple(told)


def _setters(name: str, levels: Sequence[Package]) -> list[Given]:
    """Everything that gives a param a value, the one that counts first."""
    given = [Given(one.given[name], False) for one in levels if name in one.given]
    for one in levels:
        words = one.params[name].at if name in one.params else None
        if words and isinstance(words.data, dict) and "default" in words.data:
            given.append(Given(words.child("default"), True))
    return [one for one in given if one.data is not None]


def _unknown(package: Package, chain: Sequence[Package], report: Report) -> set[str]:
    """Report what is given to no param; the params that were probably meant."""
    meant: set[str] = set()
    names = {name for one in chain for name in one.params}
    for word, at in package.given.items():
        if word not in names:
            near = nearest(word, sorted(names))
            meant |= {near} if near else set()
            listed = f"one of {', '.join(sorted(names))}" if names else "it has none"
            text = f"'{at.path[-1]}' is not a param of '{chain[0].name}'"
            hint = f"did you mean '{near}'?" if near else listed
            report(Finding("REM1505", text, at.key_place, hint=hint, see=f"rem show {chain[0].name}"))
    return meant


def _missing(package: Package, chain: Sequence[Package], param: Field, report: Report) -> None:
    kind = f"one of {', '.join(param.type.choices)}" if param.type.choices else f"a {param.type.title}"
    if package.of is None:
        text = f"param '{param.name}' is required, and nothing can give it a value: this is no specification"
        report(Finding("REM1506", text, param.at.key_place, hint="give it a default, or add specification: true"))
        return
    text = f"'{chain[0].name}' needs a value for '{param.name}'"
    place = package.words["with"].key_place if "with" in package.words else package.of.place
    report(Finding("REM1506", text, place, hint=f"add under with: {param.name}: and {kind}"))


class _Reading:
    """Params being read; one may name another."""

    def __init__(
        self, known: Mapping[str, Field], whole: bool, setters: Mapping[str, list[Given]], findings: Findings
    ) -> None:
        self.params = Params(whole)
        self.setters = setters
        self.saved: dict[str, Value] = {}
        self._known = known
        self._findings = findings
        self._open: list[str] = []

    def value(self, name: str) -> At | None:
        """The value of a param, empty when it has none; None when it is not known."""
        if name not in self.params.values:
            self._open.append(name)
            self.params.values[name] = self._read(self._known[name])
            self._open.pop()
        return self.params.values[name]

    def _read(self, param: Field) -> At | None:
        if not self.setters[param.name]:
            return None if param.required else param.at.put(None)
        first, *rest = self.setters[param.name]
        try:
            put = expand(first.meant, self._find, self._findings.spend)
            self.saved[param.name] = param.type.read(put, param.type)
        except Misfit as misfit:
            if not self._told(param, first.meant):
                for one in misfit.every():
                    place = (one.at or first.meant).place
                    self._findings.report(Finding(one.id or "REM1301", one.message, place, hint=one.hint))
            return None
        except Unknown:
            return None
        return Given(put, first.default, tuple(rest))

    def _told(self, param: Field, at: At) -> bool:
        """Whether the definition itself was checked against this value, which is its default."""
        defined = at.source is param.at.source and at.path[:-1] == param.at.path
        return defined and "${" not in str(at.data)

    def _find(self, name: str) -> At:
        word = vocabulary(name.strip())
        if word not in self._known:
            if not self.params.whole:
                raise Unknown
            raise nothing(name, set(self._known))
        if word in self._open:
            way = " → ".join([*self._open[self._open.index(word) :], word])
            alone = word == self._open[-1]
            hint = "leave it out: a param of the same name is the same param" if alone else f"it goes {way}"
            raise Misfit(f"'${{{name}}}' stands inside of what it names", hint, "REM1515")
        if len(self._open) > LONGEST_WAY and word not in self.params.values:
            text = f"more than {LONGEST_WAY} params name each other on the way to this"
            raise Misfit(text, "write the value itself", "REM1515")
        found = self.value(word)
        if found is None:
            raise Unknown
        return found
