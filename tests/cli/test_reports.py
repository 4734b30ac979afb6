"""Findings as other programs read them: GitHub's commands, SARIF and JUnit XML, of honest and of hostile packages."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from rem_cli import shipped
from rem_cli.cli import reports
from rem_cli.errors import Place
from rem_cli.language import Finding, Severity
from tests.cli.conftest import Done, Repository

TWO = "jobs:\n  web:\n    a: {command: w, colur: 5m}\n"
ORDERS = (
    "::add-mask::x%0A::set-env name=A::b\r\n::stop-commands::y##[add-mask]z##vso[task.complete]\x1b[2J]]>&<\x00\ufffe"
)
_QUOTED = ORDERS.encode("unicode_escape").decode()
HOSTILE = f'jobs: {{web: {{"{_QUOTED}": {{}}, a: {{"{_QUOTED}": 1, command: [w], timeout: "{_QUOTED}"}}}}}}\n'


@pytest.fixture
def bad(empty: Repository) -> Repository:
    empty.write({"packages/bad.yaml": TWO, "packages/sound.yaml": "title: Sound\n"})
    return empty


@pytest.fixture
def hostile(empty: Repository) -> Repository:
    empty.write({"packages/bad.yaml": HOSTILE, "packages/a%0A,b:\n::error::c.yaml": HOSTILE})
    return empty


def validated(repository: Repository, format: str, *words: str) -> Done:
    return repository.rem("validate", "--format", format, *words)


def test_github_gets_a_command_a_finding(bad: Repository) -> None:
    told = validated(bad, "github")
    where = "packages/bad.yaml"
    assert (told.status, told.err, told.out) == (
        4,
        "",
        f"::error file={where},line=3,col=18,endColumn=19,title=REM1310::{where}:3:18: a command is a list of "
        "arguments, so that no shell can misread it%0Awrite [w]\n"
        f"::error file={where},line=3,col=21,endColumn=26,title=REM1203::{where}:3:21: 'colur' is not a field of jobs"
        "%0Arem schema show jobs lists the fields%0Arem schema show jobs\n",
    )


def test_github_is_told_when_it_will_not_show_all(bad: Repository) -> None:
    bad.write({"packages/bad.yaml": "".join(f"x{number}: 1\n" for number in range(11))})
    told = validated(bad, "github")
    assert told.err == "GitHub shows 10 annotations of a kind; all 11 are in the log\n"
    assert told.out.count("::error ") == 11


def test_45_no_text_of_a_package_becomes_a_command_of_its_own(hostile: Repository) -> None:
    lines = validated(hostile, "github").out.splitlines()
    command = re.compile(r"::error ((?:[a-zA-Z]+=[^,:\r\n]*,?)+)::([^\r\n]*)")
    assert len(lines) >= 6
    for line in lines:
        found = command.fullmatch(line)
        assert found, line
        about = dict(part.split("=", 1) for part in found[1].split(","))
        assert list(about) == ["file", "line", "col", "endColumn", "title"]
        assert re.fullmatch(r"REM\d{4}", about["title"])
        assert set(re.findall(r"%..", about["file"])) <= {"%25", "%2C", "%3A"}
        assert set(re.findall(r"%..", found[2])) <= {"%25", "%0A"}
        assert not set("\x1b\r\x00") & set(line)


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "TF_BUILD"])
@pytest.mark.parametrize("format", ["text", "json", "sarif", "junit"])
def test_45_no_other_form_orders_anything_in_a_log(
    format: str, variable: str, hostile: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "true")
    told = validated(hostile, format)
    said = told.out + told.err
    assert "add-mask" in said
    assert re.findall(r"(?m)^\s*::|##\[|##vso\[", said) == []


def test_a_log_of_nobody_is_as_it_is_written(hostile: Repository) -> None:
    assert "##[add-mask]" in validated(hostile, "text").out


def sarif(told: Done) -> dict[str, Any]:
    """The one run of a SARIF log, held to what the schema of SARIF 2.1.0 requires of all that is in it."""
    log = told.document
    assert {*log} == {"$schema", "version", "runs"}
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    assert {*run} == {"tool", "columnKind", "results"}
    assert run["columnKind"] == "unicodeCodePoints"
    driver = run["tool"]["driver"]
    assert {*driver} == {"name", "semanticVersion", "rules"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"])
    for rule in driver["rules"]:
        assert {*rule} == {"id", "shortDescription", "fullDescription", "help"}
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    for result in run["results"]:
        assert {*result} == {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"}
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
        for location in result["locations"]:
            assert {*location} == {"physicalLocation"}
            place = location["physicalLocation"]
            assert {*place} == {"artifactLocation", "region"}
            assert place["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
            assert {*place["region"]} <= {"startLine", "startColumn", "endColumn", "snippet"}
            assert place["region"]["startLine"] >= 1
            assert 1 <= place["region"]["startColumn"] < place["region"].get("endColumn", 1 << 30)
    return run


def uris(run: dict[str, Any]) -> list[str]:
    places = [location["physicalLocation"] for result in run["results"] for location in result["locations"]]
    return [place["artifactLocation"]["uri"] for place in places]


def test_sarif_holds_findings_with_rules_from_their_pages(bad: Repository) -> None:
    told = validated(bad, "sarif")
    run = sarif(told)
    pages = shipped.finding_pages()
    assert told.status == 4
    assert [(one["ruleId"], one["message"]["text"]) for one in run["results"]] == [
        ("REM1310", "a command is a list of arguments, so that no shell can misread it: write [w]"),
        ("REM1203", "'colur' is not a field of jobs: rem schema show jobs lists the fields"),
    ]
    assert [rule["shortDescription"]["text"] for rule in run["tool"]["driver"]["rules"]] == [
        pages["REM1203"].title,
        pages["REM1310"].title,
    ]
    assert uris(run) == ["packages/bad.yaml"] * 2


def test_a_fingerprint_stays_when_lines_come_above_it(bad: Repository) -> None:
    before = [one["partialFingerprints"] for one in sarif(validated(bad, "sarif"))["results"]]
    bad.write({"packages/bad.yaml": f"# a line\n{TWO}"})
    assert [one["partialFingerprints"] for one in sarif(validated(bad, "sarif"))["results"]] == before


def test_46_sarif_uris_name_files_and_never_leave_the_root(hostile: Repository) -> None:
    found = uris(sarif(validated(hostile, "sarif")))
    assert {unquote(uri) for uri in found} == {"packages/bad.yaml", "packages/a%0A,b:\n::error::c.yaml"}
    assert [uri for uri in found if not re.fullmatch(r"[\w./%~-]+", uri, re.ASCII)] == []


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.yaml", "packages/../../x.yaml", "//host/x.yaml"])
def test_46_a_place_outside_of_the_root_is_no_location(path: str) -> None:
    finding = Finding("REM1203", "a problem", Place(path, 1, 1))
    log = Done(0, reports.sarif([finding], shipped.finding_pages()), "")
    assert sarif(log)["results"][0]["locations"] == []


def cases(told: Done) -> dict[str, ElementTree.Element]:
    """The test cases of a JUnit document by name; its counts are right."""
    root = ElementTree.fromstring(told.out.encode())
    (suite,) = root
    found = {case.attrib["name"]: case for case in suite}
    failures = sum(len(case.findall("failure")) for case in suite)
    assert (root.tag, suite.tag, {case.tag for case in suite}) == ("testsuites", "testsuite", {"testcase"})
    for counted in (root.attrib, suite.attrib):
        assert (int(counted["tests"]), int(counted["failures"])) == (len(suite), failures)
    return found


def test_junit_has_a_case_a_file(bad: Repository) -> None:
    told = validated(bad, "junit")
    found = cases(told)
    (failure,) = found["packages/bad.yaml"]
    assert told.status == 4
    assert {name: len(case) for name, case in found.items()} == {
        "packages/bad.yaml": 1,
        "packages/shop/package.yaml": 0,
        "packages/sound.yaml": 0,
    }
    assert failure.attrib == {"type": "REM1310", "message": "2 problems"}
    assert (failure.text or "").splitlines() == [
        "packages/bad.yaml:3:18: error a command is a list of arguments, so that no shell can misread it REM1310"
        " (write [w])",
        "packages/bad.yaml:3:21: error 'colur' is not a field of jobs REM1203 (rem schema show jobs lists the fields)",
    ]


def test_46_junit_of_hostile_texts_is_read_back(hostile: Repository) -> None:
    found = cases(validated(hostile, "junit"))
    texts = [failure.text or "" for case in found.values() for failure in case]
    assert len(texts) == 2
    assert all("]]>&<" in text and "\x1b" not in text for text in texts)


def test_what_does_not_fail_is_told_and_passes() -> None:
    finding = Finding("REM1203", "a problem", Place("packages/a.yaml", 1, 1), severity=Severity.WARNING)
    (case,) = cases(Done(0, reports.junit([], [finding], []), "")).values()
    assert [(part.tag, part.text) for part in case] == [
        ("system-out", "packages/a.yaml:1:1: warning a problem REM1203")
    ]


@pytest.mark.parametrize(("fail_on", "status"), [("error", 4), ("warning", 4), ("never", 0)])
def test_the_least_severity_that_fails(fail_on: str, status: int, bad: Repository) -> None:
    assert validated(bad, "text", "--fail-on", fail_on).status == status


def test_only_what_is_wrong_since_a_revision_is_told(bad: Repository) -> None:
    bad.commit()
    assert validated(bad, "text", "--base", "HEAD").status == 0
    bad.write({"packages/more.yaml": "# new\njbos: {}\n"})
    told = validated(bad, "json", "--base", "HEAD")
    assert (told.status, [one["file"] for one in told.document["findings"]]) == (4, ["packages/more.yaml"])
    assert told.document["base"] == {"commit": bad.git("rev-parse", "HEAD"), "before": 2}


def test_people_are_told_how_many_were_there_before(bad: Repository) -> None:
    id = bad.commit()[:7]
    told = re.sub(r"[0-9.]+ s\b", "TIME", validated(bad, "text", "--base", "main").out)
    assert told == f"1 item in 3 files in the work tree, TIME: no new problem since {id}; 2 from before\n"


def test_a_commit_is_held_against_another(bad: Repository) -> None:
    first = bad.commit()
    bad.commit({"packages/bad.yaml": TWO.replace("colur", "colour")})
    told = validated(bad, "json", "--rev", "HEAD", "--base", first)
    assert [one["message"] for one in told.document["findings"]] == [
        "a command is a list of arguments, so that no shell can misread it",
        "'colour' is not a field of jobs",
    ]


@pytest.mark.parametrize("format", ["github", "sarif", "junit"])
def test_a_revision_that_is_not_there_leaves_standard_output_empty(format: str, bad: Repository) -> None:
    bad.commit()
    told = validated(bad, format, "--base", "nowhere")
    assert (told.status, told.out, "there is no revision 'nowhere'" in told.err) == (1, "", True)


@pytest.mark.parametrize("format", ["sarif", "junit", "github"])
def test_a_tree_without_problems_is_a_document_too(format: str, empty: Repository) -> None:
    told = validated(empty, format)
    assert told.status == 0
    if format == "sarif":
        assert sarif(told)["results"] == []
    elif format == "junit":
        assert list(cases(told)) == ["packages/shop/package.yaml"]
    else:
        assert told.out == ""


def test_a_path_is_below_the_root_in_every_form(hostile: Repository) -> None:
    document = validated(hostile, "json").document
    assert all(PurePosixPath(one["file"]).parts[0] == "packages" for one in document["findings"])
