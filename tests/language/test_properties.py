"""What holds of every specification and its instances, whatever they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.language import Item, Origin, Resolution, Source
from rem_cli.language.at import At
from rem_cli.language.source import read
from tests.language.made import DEFAULTS, Made, made, text
from tests.language.tree import resolve, told

often = settings(derandomize=True, deadline=None, max_examples=60)


def everything(found: Resolution) -> dict[str, tuple[Item, Mapping[str, Origin]]]:
    return {path: (item, found.origins(path)) for path, item in found.items.items()}


def of(name: str, found: Resolution) -> list[tuple[str, Any]]:
    """The items of one package, without its name."""
    return [
        (path.removeprefix(f"{name}/"), _without(name, item.fields)) for path, item in found.items.items()
        if item.package == name
    ]  # fmt: skip


def _without(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(name, one) for key, one in value.items()}
    return value.removeprefix(f"{name}/jobs/") if isinstance(value, str) else value


@often
@given(made(), st.randoms(use_true_random=False))
def test_the_order_of_files_changes_nothing(trees: Made, random: Any) -> None:
    files = list(trees.files().items())
    first = resolve(dict(files))
    random.shuffle(files)
    again = resolve(dict(files))
    assert [told(one) for one in first.findings] == []
    assert (everything(again), again.findings, again.packages) == (everything(first), (), first.packages)


@often
@given(made())
def test_an_instance_is_the_same_with_and_without_another(trees: Made) -> None:
    files = trees.files()
    both = everything(resolve(files))
    alone = {name: everything(resolve({k: v for k, v in files.items() if name not in k})) for name in trees.instances}
    assert both == {**alone["left"], **alone["right"]}
    named = {path.partition("/")[0]: str(item.fields.get("job") or path) for path, (item, _) in both.items()}
    assert all(job.startswith(f"{name}/") for name, job in named.items())


@often
@given(made(overrides=False))
def test_an_instance_that_changes_nothing_is_its_specification_s_content(trees: Made) -> None:
    for name, instance in trees.instances.items():
        params = {param: {"default": value} for param, value in {**DEFAULTS, **instance["with"]}.items()}
        plain = {key: value for key, value in trees.specification.items() if key != "specification"}
        plain["params"] = {param: {**plain["params"][param], **known} for param, known in params.items()}
        assert of(name, resolve(trees.files())) == of("plain", resolve({"packages/plain.yaml": text(plain)}))


@often
@given(made())
def test_the_place_that_set_a_value_holds_it(trees: Made) -> None:
    files = trees.files()
    standing = {(file, line, column): data for file in files for line, column, data in _standing(file, files[file])}
    for item, origins in everything(resolve(files)).values():
        for name, origin in origins.items():
            if origin.source in (Source.OWN, Source.SPECIFICATION):
                assert origin.place is not None
                written = standing[origin.place[:3]]
                value = item.fields[name] if name != "job" else str(item.fields[name]).removeprefix(f"{item.package}/")
                assert _put_in(written, origin, standing) in (value, _last(value, written))


def _standing(file: str, text: str) -> Iterator[tuple[int, int, Any]]:
    """Every value of a text, with its place."""
    source = read(file, text.encode())
    waiting = [At(source, (), source.data)]
    while waiting:
        at = waiting.pop()
        yield at.place.line, at.place.column, at.data
        waiting += [child for _, child in at.children()] + list(at.elements())


def _put_in(written: Any, origin: Origin, standing: Mapping[tuple[str, int, int], Any]) -> Any:
    """What is written with the values of its params in it, each read at the place that its origin names."""
    params = {part.name: standing[part.place[:3]] for part in origin.parts if part.name and part.place}
    if isinstance(written, list):
        return [_put_in(one, origin, standing) for one in written]
    if isinstance(written, dict):
        return {key: _put_in(one, origin, standing) for key, one in written.items()}
    if not isinstance(written, str):
        return written
    whole = re.fullmatch(r"\$\{(\w+)\}", written)
    if whole:
        return params[whole[1]]
    marked = written.replace("$${", "\0")
    return re.sub(r"\$\{(\w+)\}", lambda found: str(params[found[1]]), marked).replace("\0", "${")


def _last(value: Any, written: Any) -> Any:
    """What a value adds at the end of a list, or over a mapping."""
    if isinstance(value, list):
        return value[len(value) - len(written) :]
    return {key: value[key] for key in written if key in value} if isinstance(value, dict) else value
