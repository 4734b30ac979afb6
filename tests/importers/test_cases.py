"""Each folder of tests/cases/importers is one import: what is given, the package, and the fate of every line."""

from __future__ import annotations

import re

import pytest

from rem_cli.errors import RemError
from rem_cli.importers import FORMATS
from rem_cli.importers.page import read_seal
from rem_cli.language import Severity
from tests.importers.cases import CASES, PACKAGE, Case
from tests.language.tree import resolve, told

CARRIED = [case for case in CASES if case.error is None]
REFUSED = [case for case in CASES if case.error is not None]


def test_every_format_has_cases() -> None:
    assert {case.format for case in CARRIED} == {*FORMATS}


@pytest.mark.parametrize("case", CARRIED, ids=lambda case: case.name)
def test_an_import_makes_this_package_and_this_page(case: Case) -> None:
    assert dict(case.run().files) == case.expected


@pytest.mark.parametrize("case", CARRIED, ids=lambda case: case.name)
def test_the_engine_finds_no_problem(case: Case) -> None:
    found = resolve({name: text for name, text in case.expected.items() if name.endswith(".yaml")})
    assert [told(one) for one in found.findings if one.severity is Severity.ERROR] == []
    assert found.items


@pytest.mark.parametrize("case", CARRIED, ids=lambda case: case.name)
def test_every_line_with_something_in_it_is_on_the_page_once(case: Case) -> None:
    page = case.expected[f"packages/{PACKAGE}/IMPORT.md"]
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        name = section.split("\n")[0].strip("`")
        lines = (case.folder / "given" / name).read_text().split("\n")
        assert re.findall(r"^\| (\d+) \|", section, re.MULTILINE) == [
            str(number) for number, line in enumerate(lines, 1) if line.strip()
        ]


@pytest.mark.parametrize("case", CARRIED, ids=lambda case: case.name)
def test_the_second_import_is_the_first_and_knows_it(case: Case) -> None:
    package, page = (case.expected[f"packages/{PACKAGE}/{name}"] for name in ("package.yaml", "IMPORT.md"))
    seal = read_seal(package, page)
    assert seal is not None and seal.intact
    assert (seal.format, [*seal.files]) == (case.format, case.files)
    for edited in ((f"{package}# mine\n", page), (package, page.replace("Imported", "imported", 1))):
        seal = read_seal(*edited)
        assert seal is not None and not seal.intact


@pytest.mark.parametrize("case", CARRIED, ids=lambda case: case.name)
def test_no_secret_is_written(case: Case) -> None:
    """Every secret of the given files has this mark in it."""
    assert [name for name, text in case.expected.items() if "hunter2" in text] == []


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_an_import_is_refused_with_the_reason(case: Case) -> None:
    with pytest.raises(RemError) as refused:
        case.run()
    where = f"{refused.value.where}: " if refused.value.where else ""
    assert f"{where}{refused.value.message}" == case.error
