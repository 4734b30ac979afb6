"""JSON Schema and `rem validate` agree on structure: what a schema refuses REM refuses, and the other way round."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from jsonschema import Draft7Validator

from rem_cli import shipped
from rem_cli.language.at import At
from rem_cli.language.export import schemas
from rem_cli.language.load import shapes
from rem_cli.language.packages import HEADER
from rem_cli.language.source import UNSET, read
from rem_cli.language.types import READERS, Type
from rem_cli.language.written import SCHEMAS, Schema, value
from tests.language.packages import BEYOND, Made, mutated, packages
from tests.language.tree import BASE, resolve

ENCRYPTED = {"packages/secrets/db.age": "file"}  # the examples of secrets name it
CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
TYPES = BASE.types.known


def exported(files: Mapping[str, str]) -> dict[str, Schema]:
    """The schemas of a tree."""
    texts = {path: text.encode() for path, text in files.items()}
    return schemas(shapes(dict.fromkeys(texts, "file"), lambda paths: {p: texts[p] for p in paths}, BASE), TYPES)


def refused(files: Mapping[str, str]) -> list[str]:
    """What the schemas say against the files of a tree."""
    known = exported(files)
    whole = known["package.json"]
    said = []
    for path, text in files.items():
        part = path.split("/")[2].removesuffix(".yaml") if path.count("/") > 1 else "package"
        instance = ".instance" if any("\nof: " in f"\n{other}" for other in files.values()) else ""
        schema = known.get(f"{part.replace(' ', '-')}{instance}.json", {}) if part != "package" else whole
        if "$ref" in schema:
            schema = {**whole["definitions"][schema["$ref"].rpartition("/")[2]], "definitions": whole["definitions"]}
        data = shown(read(path, text.encode()).data)
        said += [
            f"{path}: {'/'.join(map(str, e.path))}: {e.message}" for e in Draft7Validator(schema).iter_errors(data)
        ]
    return said


def shown(data: Any) -> Any:
    """Data as an editor has it: what takes a value out is empty there."""
    if isinstance(data, dict):
        return {key: shown(one) for key, one in data.items()}
    return [shown(one) for one in data] if isinstance(data, list) else None if data is UNSET else data


def test_every_reader_of_values_has_its_schema() -> None:
    assert set(SCHEMAS) == set(READERS)  # those that need a library take any text


def test_every_schema_is_one() -> None:
    for schema in exported({}).values():
        Draft7Validator.check_schema(schema)


def test_there_is_one_schema_for_each_kind_of_file() -> None:
    own = "sections: {slow lanes: {grouped indexes: [{index: null, key field: name}], fields: {name: {type: label}}}}"
    names = ["slow-lanes", *(name.replace(" ", "-") for name in BASE.sections)]
    assert set(exported({"packages/a.yaml": own})) == {
        *("package.json", "params.json", "sections.json", "types.json"),
        *(f"{name}{kind}.json" for name in names for kind in ("", ".instance")),
    }


def test_the_schemas_are_the_same_each_time() -> None:
    assert json.dumps(exported({})) == json.dumps(exported({}))


def test_every_word_of_a_package_is_in_its_schema() -> None:
    known = exported({})["package.json"]["properties"]
    assert set(HEADER) == {word for word in known if word not in BASE.sections}


@pytest.mark.parametrize("word", ["section", "field", "type"])
def test_every_word_of_a_definition_is_in_its_schema(word: str) -> None:
    known = exported({})["package.json"]["definitions"][word]["properties"]
    text = {
        "section": "sections: {a: {no such word: 1}}",
        "field": "sections: {a: {grouped indexes: [{index: null}], fields: {b: {no such word: 1}}}}",
        "type": "types: {a: {no such word: 1}}",
    }[word]
    found = next(f for f in resolve({"packages/a.yaml": text}).findings if f.id == "REM1401")
    assert found.hint and set(known) == set(found.hint.removeprefix("one of ").split(", "))


def examples(kind: str) -> list[Any]:
    return [
        pytest.param(type, at, id=f"{type.name} {at.data!r}") for type in TYPES.values() for at in _written(type, kind)
    ]


def _written(type: Type, kind: str) -> list[At]:
    source = read("packages/base/types.yaml", shipped.base_files()["packages/base/types.yaml"])
    at = At(source, (), source.data).child(type.name)
    return list(at.child("examples").child(kind).elements()) if "examples" in at.data else []


@pytest.mark.parametrize(("type", "at"), examples("good"))
def test_a_good_example_fits_the_schema_of_its_type(type: Type, at: At) -> None:
    assert [error.message for error in Draft7Validator(value(type)).iter_errors(at.data)] == []


def test_a_bad_example_is_refused_by_the_schema_of_its_type() -> None:
    taken = {
        f"{param.values[0].name} {param.values[1].data}"
        for param in examples("bad")
        if Draft7Validator(value(param.values[0])).is_valid(param.values[1].data)
    }
    assert taken == BEYOND


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_what_rem_takes_the_schema_takes(file: Path) -> None:
    """Each tree of the language's own cases that is without an error."""
    case = yaml.safe_load(file.read_text())
    files = {path: text for path, text in case["files"].items() if path.endswith((".yaml", ".yml"))}
    assert case.get("findings") or refused(files) == []


def test_the_shipped_packages_fit_the_schema() -> None:
    root = shipped.folder("packages")
    files = {f"packages/{path.relative_to(root)}": path.read_text() for path in root.glob("*/*.yaml")}
    assert refused(files) == []


@settings(derandomize=True, deadline=None, max_examples=60)
@given(packages())
def test_a_package_made_from_its_sections_is_taken_by_both(package: Made) -> None:
    files = {"packages/p.yaml": json.dumps(package.data)}
    assert (refused(files), [f.message for f in resolve(files, ENCRYPTED).findings]) == ([], [])


@settings(derandomize=True, deadline=None, max_examples=200)
@given(packages().flatmap(mutated))
def test_one_mistake_is_seen_by_both_or_by_neither(mutant: tuple[str, dict[str, Any]]) -> None:
    what, package = mutant
    files = {"packages/p.yaml": json.dumps(package)}
    said, findings = refused(files), [f.message for f in resolve(files, ENCRYPTED).findings]
    assert bool(said) == bool(findings), (what, said, findings)
    assert said or what in ("an empty field", "one layer short"), what
