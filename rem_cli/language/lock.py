"""`rem.lock`: which commit of which repository each package from elsewhere is, with a digest of its files.

One stanza a package in TOML, by name, in one spelling: the same choice is the same bytes, so that a merge conflict and
a review show packages and nothing else. It is read as a text that anybody may have changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rem_cli.errors import Place
from rem_cli.language import Finding, Value
from rem_cli.language.giturl import url_problem
from rem_cli.language.names import folded, key_problem
from rem_cli.language.schema import Report
from rem_cli.language.versions import Version, parse_tag, parse_version
from rem_cli.tree import LOCK

FILE = LOCK
MAX_BYTES = 1 << 20
MOST = 1_000  # stanzas
_SCHEMA = "rem.lock/1"
_HEAD = f"""\
# The packages from elsewhere that this repository uses, as `rem package lock` found them. Commit it; do not edit it.
schema = "{_SCHEMA}"
"""
_MEND = "take it from a good commit; after a merge: git checkout --ours rem.lock && rem package lock"
_START = Place(FILE, 1, 1)
_WORDS = ("name", "git", "version", "tag", "commit", "tree", "required_by")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TREE = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Locked:
    """One package from elsewhere, exactly."""

    name: str
    git: str
    version: Version
    commit: str  # full id
    tree: str  # "sha256:…" over the package's files: paths, kinds and contents
    required_by: tuple[str, ...]  # names of packages
    place: Place = _START

    @property
    def tag(self) -> str:
        return f"v{self.version}"

    @property
    def label(self) -> str:
        return f"{self.name} {self.version}"

    def told(self) -> dict[str, Value]:
        """What it is, for the catalog."""
        return {"git": self.git, "version": str(self.version), "commit": self.commit, "tree": self.tree}


def render(packages: Iterable[Locked]) -> str:
    """The text of a lock file."""
    return "\n".join([_HEAD, *(_stanza(one) for one in sorted(packages, key=lambda one: one.name))])


def read_lock(raw: bytes, report: Report) -> Mapping[str, Locked]:
    """The packages of a lock file, by name; what is wrong in it is reported and left out."""
    if len(raw) > MAX_BYTES:
        report(_unreadable(f"more than {MAX_BYTES >> 20} MiB", _START))
        return {}
    import tomllib  # most repositories have no lock

    try:
        text = raw.decode()
        told = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        report(_unreadable(_lower(error), _place_of(error, raw)))
        return {}
    schema = told.get("schema")
    if schema != _SCHEMA:
        found = f"its schema is {schema!r}" if "schema" in told else "it has no schema"
        report(_unreadable(f"{found}, and this rem knows {_SCHEMA}", _START))
        return {}
    stanzas = told.get("package", [])
    if not isinstance(stanzas, list) or len(stanzas) > MOST or told.keys() - {"schema", "package"}:
        report(_unreadable(f"it is a schema and at most {MOST:,} [[package]]", _START))
        return {}
    packages: dict[str, Locked] = {}
    spelled: set[str] = set()
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines, 1) if line.strip() == "[[package]]"]
    for number, stanza in enumerate(stanzas):
        place = _at(lines, starts[number] + 1 if number < len(starts) else 1)
        problem = _problem(stanza)
        if problem is None and folded(stanza["name"]) in spelled:
            problem = f"'{stanza['name']}' is here twice"
        if problem:
            report(_unreadable(problem, place))
            continue
        one = _locked(stanza, place)
        spelled.add(folded(one.name))
        packages[one.name] = one
    return packages


def _stanza(one: Locked) -> str:
    words: dict[str, Any] = {
        "name": one.name,
        "git": one.git,
        "version": str(one.version),
        "tag": one.tag,
        "commit": one.commit,
        "tree": one.tree,
        "required_by": sorted(one.required_by),
    }
    rows = [f"{word} = {json.dumps(value, ensure_ascii=False)}\n" for word, value in words.items()]
    return "[[package]]\n" + "".join(rows)


def _problem(stanza: Any) -> str | None:
    """What is wrong with a stanza."""
    if not isinstance(stanza, dict) or set(stanza) != set(_WORDS):
        return f"a package has exactly {', '.join(_WORDS)}"
    wrong = next((word for word in _WORDS[:-1] if not isinstance(stanza[word], str)), None)
    if wrong or not _are_names(stanza["required_by"]):
        return f"'{wrong or 'required_by'}' is not a {'text' if wrong else 'list of names'}"
    name, version = stanza["name"], stanza["version"]
    if problem := key_problem(name):
        return f"package '{name}': {problem}"
    if folded(name) == "base":
        return "a package cannot be called 'base': that is the one with REM's own sections"
    if parse_tag(f"v{version}") is None or stanza["tag"] != f"v{version}":
        return f"'{stanza['tag']}' is not the tag of version '{version}'"
    if not _COMMIT.fullmatch(stanza["commit"]):
        return "'commit' is not a full commit id"
    if not _TREE.fullmatch(stanza["tree"]):
        return "'tree' is not sha256: and 64 hex digits"
    return url_problem(stanza["git"], files=True)


def _are_names(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) and key_problem(one) is None for one in found)


def _locked(stanza: Mapping[str, Any], place: Place) -> Locked:
    version = parse_version(stanza["version"])
    assert version is not None  # its tag was read
    words = (stanza["name"], stanza["git"], version, stanza["commit"], stanza["tree"])
    return Locked(*words, tuple(stanza["required_by"]), place)


def _unreadable(why: str, place: Place) -> Finding:
    return Finding("REM1701", f"{FILE} cannot be used: {why}", place, hint=_MEND)


def _lower(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    text = re.sub(r" \(at line .*\)\Z", "", str(error))
    return text[:1].lower() + text[1:]


def _place_of(error: Exception, raw: bytes) -> Place:
    found = re.search(r"\(at line (\d{1,9}), column (\d{1,9})\)", str(error))
    if not found:
        return _START
    return _at(raw.decode(errors="replace").split("\n"), int(found[1]), int(found[2]), 1)


def _at(lines: Sequence[str], line: int, column: int = 1, width: int = 0) -> Place:
    text = lines[line - 1] if line <= len(lines) else ""
    return Place(FILE, line, column, width or len(text), text)
