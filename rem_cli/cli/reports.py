"""Findings in the forms that other programs read: GitHub's workflow commands, SARIF and JUnit XML.

Texts of packages come in here as they are and go out so that none of these programs obeys them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from rem_cli import __version__
from rem_cli.cli import show
from rem_cli.errors import Place
from rem_cli.language import Finding
from rem_cli.language.introduced import identity
from rem_cli.shipped import Page

SHOWN = 10  # annotations of a kind that GitHub shows for one step; the others are in its log


def github(findings: Iterable[Finding]) -> str:
    """A workflow command a finding, which GitHub shows beside the line it is about.

    Escapes are those of GitHub's toolkit (actions/toolkit, core/src/command.ts).
    """
    return "".join(f"{_command(finding)}\n" for finding in findings)


def _command(finding: Finding) -> str:
    lines = [f"{finding.place}: {finding.message}", finding.hint, finding.see]  # the log shows nothing else of it
    return command(str(finding.severity), finding.id, [line for line in lines if line], finding.place)


def command(level: str, title: str, lines: Iterable[str], place: Place | None = None) -> str:
    """One workflow command: `level` is "error", "warning" or "notice"."""
    about: dict[str, object] = {}
    if place is not None:
        about = {"file": place.file, "line": place.line, "col": place.column}
        about |= {"endColumn": place.column + max(1, place.width)}
    properties = ",".join(f"{name}={_property(value)}" for name, value in {**about, "title": title}.items())
    return f"::{level} {properties}::{'%0A'.join(show.clean(line).replace('%', '%25') for line in lines)}"


def _property(value: object) -> str:
    return show.clean(value).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def sarif(findings: Sequence[Finding], pages: Mapping[str, Page]) -> str:
    """One SARIF 2.1.0 log (OASIS): what code scanning of GitHub, Azure DevOps and editors read."""
    ids = sorted({finding.id for finding in findings})
    seen: Counter[str] = Counter()
    driver = {"name": "rem", "semanticVersion": __version__, "rules": [_rule(id, pages[id]) for id in ids]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, ids.index(finding.id), seen) for finding in findings],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    text = json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2)
    return text.replace("##", "#\\u0023") + "\n"  # `##[` and `##vso[` are orders in a log of CI


def _rule(id: str, page: Page) -> dict[str, Any]:
    prose = page.text.partition("\nWrong:")[0].strip()
    return {
        "id": id,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": " ".join(prose.split("\n\n")[0].split())},
        "help": {"text": prose, "markdown": page.text},
    }


def _result(finding: Finding, rule: int, seen: Counter[str]) -> dict[str, Any]:
    told = "\0".join((finding.place.file, *identity(finding)))
    mark = hashlib.sha256(told.encode(errors="surrogateescape")).hexdigest()[:32]
    seen[mark] += 1
    return {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": str(finding.severity),
        "message": {"text": show.clean(f"{finding.message}: {finding.hint}" if finding.hint else finding.message)},
        "locations": _locations(finding),
        "partialFingerprints": {"remFinding/v1": f"{mark}:{seen[mark]}"},
    }


def _locations(finding: Finding) -> list[dict[str, Any]]:
    """Where it is, as a URI below the repository's root; nothing for a path that would leave it."""
    place = finding.place
    path = PurePosixPath(place.file)
    if path.is_absolute() or ".." in path.parts:
        return []
    region: dict[str, Any] = {"startLine": place.line, "startColumn": place.column}
    region |= {"endColumn": place.column + place.width} if place.width else {}
    region |= {"snippet": {"text": show.clean(place.text)}} if place.text else {}
    uri = quote(os.fsencode(place.file), safe="/")
    return [{"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}}]


def junit(files: Iterable[str], findings: Sequence[Finding], failing: Sequence[Finding]) -> str:
    """JUnit XML, a test case a file: what GitLab, Jenkins and the like show. One failure holds all of a file."""
    from xml.etree import ElementTree

    by_file: dict[str, list[Finding]] = {file: [] for file in files}
    for finding in findings:
        by_file.setdefault(finding.place.file, []).append(finding)
    failed = {finding.place.file: finding.id for finding in reversed(failing)}  # by file: its first one
    counts = {"tests": str(len(by_file)), "failures": str(len(failed)), "errors": "0", "skipped": "0"}
    root = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(root, "testsuite", {"name": "rem validate", **counts})
    for file, found in sorted(by_file.items()):
        package = ".".join(PurePosixPath(file).with_suffix("").parts[:2])
        about = {"name": show.clean(file), "classname": show.clean(package)}
        case = ElementTree.SubElement(suite, "testcase", about)
        if file in failed:
            about = {"type": failed[file], "message": show.counted(len(found), "problem")}
            ElementTree.SubElement(case, "failure", about).text = _lines(found)
        elif found:
            ElementTree.SubElement(case, "system-out").text = _lines(found)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode").replace("##", "#&#35;")  # as in SARIF
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _lines(findings: Iterable[Finding]) -> str:
    return "\n".join(
        show.clean(f"{one.place}: {one.severity} {one.message} {one.id}" + (f" ({one.hint})" if one.hint else ""))
        for one in findings
    )
