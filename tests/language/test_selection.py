"""Minimal version selection: found by raising, whatever the order, and never by search.

A world is what every version of every package requires. The oracle is Go's definition for lower bounds: walk from the
roots over each version that any requirement names, and take the greatest of each package.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rem_cli.errors import Place
from rem_cli.language import selection
from rem_cli.language.ranges import parse_range
from rem_cli.language.selection import Chosen, Conflict, Requirement, select
from rem_cli.language.versions import Version, parse_version

World = Mapping[str, Mapping[str, Mapping[str, str]]]  # package -> version -> package -> range

WORLD: World = {
    "portal": {"1.0.0": {}, "1.1.0": {}, "2.0.0-rc.1": {}, "2.0.0": {"icons": ">=1"}, "2.1.0": {"icons": ">=1"}},
    "team": {"1.0.0": {"portal": ">=1"}, "1.1.0": {"portal": ">=1.1"}, "1.2.0": {"portal": ">=2,<3"}},
    "icons": {"1.0.0": {}, "1.0.1": {}},
    "old": {"1.0.0": {"portal": "<2"}},
    "ring": {"1.0.0": {"round": ">=1"}},
    "round": {"1.0.0": {"ring": ">=1.1"}, "1.1.0": {}},
    "self": {"1.0.0": {"self": ">=1.1"}, "1.1.0": {"self": ">=1"}},
}
WORLD = {**WORLD, "ring": {"1.0.0": {"round": ">=1"}, "1.1.0": {"round": ">=1.1"}}}


def version(text: str) -> Version:
    found = parse_version(text)
    assert found is not None
    return found


def requirement(by: str, name: str, range: str, git: str | None = "") -> Requirement:
    bounds = parse_range(range)
    assert bounds is not None
    url = f"https://example.org/{name}" if git == "" else git
    return Requirement(by, name, bounds, url, Place(f"packages/{by}.yaml", 1, 1), range)


def chosen(world: World, roots: Mapping[str, str], **more: object) -> Mapping[str, Chosen] | Conflict:
    return select([requirement("shop", name, range) for name, range in roots.items()], *asking(world), **more)  # type: ignore[arg-type]


def asking(world: World) -> tuple[selection.Versions, selection.Requires]:
    def versions(git: str) -> Sequence[Version]:
        return [version(text) for text in world.get(git.rpartition("/")[2], {})]

    def requires(name: str, git: str, at: Version) -> Sequence[Requirement]:
        return [requirement(f"{name}", other, range) for other, range in world[name][str(at)].items()]

    return versions, requires


def told(found: Mapping[str, Chosen] | Conflict) -> dict[str, str]:
    assert not isinstance(found, Conflict), found
    return {name: str(one.version) for name, one in found.items()}


@pytest.mark.parametrize(
    ("roots", "expected"),
    [
        ({"portal": ">=1"}, {"portal": "1.0.0"}),
        ({"portal": ">1"}, {"portal": "1.1.0"}),
        ({"portal": ">=1.5"}, {"portal": "2.0.0", "icons": "1.0.0"}),  # no pre-release
        ({"portal": ">=2.0.0-rc.1"}, {"portal": "2.0.0-rc.1"}),  # asked for
        ({"team": ">=1.1"}, {"team": "1.1.0", "portal": "1.1.0"}),
        ({"team": ">=1", "portal": ">=2.1"}, {"team": "1.0.0", "portal": "2.1.0", "icons": "1.0.0"}),
        ({"ring": ">=1"}, {"ring": "1.1.0", "round": "1.1.0"}),
        ({"self": ">=1"}, {"self": "1.1.0"}),
        ({}, {}),
    ],
)
def test_the_smallest_that_everybody_admits(roots: dict[str, str], expected: dict[str, str]) -> None:
    assert told(chosen(WORLD, roots)) == expected


def test_everybody_who_requires_it_is_told() -> None:
    found = chosen(WORLD, {"team": ">=1.2", "portal": ">=1"})
    assert not isinstance(found, Conflict)
    assert [(one.by, one.said) for one in found["portal"].required] == [("shop", ">=1"), ("team", ">=2,<3")]


def test_a_floor_holds_while_it_is_admitted() -> None:
    floors = {"portal": version("2.1.0")}
    assert told(chosen(WORLD, {"portal": ">=1"}, floors=floors))["portal"] == "2.1.0"
    assert told(chosen(WORLD, {"portal": ">=1,<2"}, floors=floors))["portal"] == "1.0.0"


def test_a_conflict_shows_both_chains() -> None:
    found = chosen(WORLD, {"team": ">=1.2", "old": ">=1"})
    assert isinstance(found, Conflict)
    assert (found.name, found.why) == ("portal", "no released version is both <2 and >=2,<3")
    assert [[(one.by, one.name, one.said) for one in chain] for chain in found.chains] == [
        [("shop", "old", ">=1"), ("old", "portal", "<2")],
        [("shop", "team", ">=1.2"), ("team", "portal", ">=2,<3")],
    ]


@pytest.mark.parametrize(
    ("roots", "why"),
    [
        ([requirement("shop", "portal", ">=7")], "no released version is >=7"),
        ([requirement("shop", "nothing", ">=0")], "no released version is >=0"),
        ([requirement("shop", "portal", ">=1", None)], "nobody says which git repository it comes from"),
        (
            [requirement("shop", "portal", ">=1"), requirement("shop", "portal", ">=1", "https://example.com/portal")],
            "it would come from both https://example.com/portal and https://example.org/portal",
        ),
    ],
)
def test_why_there_is_no_answer(roots: list[Requirement], why: str) -> None:
    found = select(roots, *asking(WORLD))
    assert isinstance(found, Conflict)
    assert found.why == why
    assert {id(chain[0]) for chain in found.chains} <= set(map(id, roots))


def test_what_a_passed_over_version_required_has_no_say_any_more() -> None:
    world: World = {
        "a": {"1.0.0": {"b": ">=1", "c": "<2"}, "2.0.0": {"b": ">=1"}},
        "b": {"1.0.0": {"a": ">=2", "c": ">=2"}},
        "c": {"1.0.0": {}, "2.0.0": {}},
    }
    assert told(chosen(world, {"a": ">=1"})) == {"a": "2.0.0", "b": "1.0.0", "c": "2.0.0"}


def test_13_a_cycle_of_a_hundred_thousand_ends_at_the_limit() -> None:
    world = {f"p{number}": {"1.0.0": {f"p{(number + 1) % 100_000}": ">=1"}} for number in range(100_000)}
    found = chosen(world, {"p0": ">=1"})
    assert isinstance(found, Conflict)
    assert found.why == "more than 1,000 packages would be required"
    found = chosen(world, {"p0": ">=1"}, most=200_000)
    assert isinstance(found, Conflict)
    assert found.why == "more than 10,000 versions would have to be looked at"


def test_13_two_that_raise_each_other_for_ever_end() -> None:
    many = range(2_000)
    world: World = {
        "a": {f"1.{number}.0": {"b": f">=1.{number}"} for number in many},
        "b": {f"1.{number}.0": {"a": f">=1.{number + 1}"} for number in many},
    }
    found = chosen(world, {"a": ">=1"})
    assert isinstance(found, Conflict)
    assert (found.name, found.why) == ("a", "no released version is >=1.2000")


# --- worlds of a few packages with a few versions

NAMES = ["a", "b", "c", "d"]
VERSIONS = ["1.0.0", "1.1.0", "2.0.0", "2.0.1"]
lower = st.sampled_from([f">={text}" for text in VERSIONS])
any_range = st.one_of(lower, st.sampled_from(["<2", ">=1,<2", "==2.0.0", "<=1.1", ">1.1"]))


def worlds(ranges: st.SearchStrategy[str]) -> st.SearchStrategy[World]:
    requires = st.dictionaries(st.sampled_from(NAMES), ranges, max_size=2)
    return st.fixed_dictionaries({name: st.fixed_dictionaries(dict.fromkeys(VERSIONS, requires)) for name in NAMES})


def roots_of(ranges: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(NAMES), ranges, min_size=1)


@given(worlds(any_range), roots_of(any_range), st.randoms(use_true_random=False))
@settings(derandomize=True, deadline=None, max_examples=400)
def test_the_order_of_what_is_asked_does_not_matter(world: World, roots: dict[str, str], dice: random.Random) -> None:
    def shuffled(table: Mapping[str, object]) -> dict[str, object]:
        return dict(dice.sample(sorted(table.items()), len(table)))

    other = {name: {at: shuffled(needs) for at, needs in shuffled(by).items()} for name, by in world.items()}  # type: ignore[arg-type, union-attr, attr-defined]
    one, two = chosen(world, roots), chosen(other, shuffled(roots))  # type: ignore[arg-type]
    assert one == two


@given(worlds(any_range), roots_of(any_range))
@settings(derandomize=True, deadline=None, max_examples=400)
def test_everything_that_is_chosen_keeps_every_range_and_is_needed(world: World, roots: dict[str, str]) -> None:
    found = chosen(world, roots)
    assume(not isinstance(found, Conflict))
    picked = {name: version(text) for name, text in told(found).items()}
    needs = [dict(roots), *(world[name][str(at)] for name, at in picked.items())]
    for name, range in ((name, range) for table in needs for name, range in table.items()):
        bounds = parse_range(range)
        assert bounds is not None
        assert bounds.admits(picked[name])
    assert set(picked) == {name for table in needs for name in table}


def by_definition(world: World, roots: Mapping[str, str]) -> dict[str, Version]:
    """Go's minimal version selection, for ranges that are lower bounds only."""
    seen: set[tuple[str, str]] = set()
    waiting = [(name, range.removeprefix(">=")) for name, range in roots.items()]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend((name, range.removeprefix(">=")) for name, range in world[node[0]][node[1]].items())
    return {name: max(version(at) for other, at in seen if other == name) for name, _ in seen}


@given(worlds(lower), roots_of(lower))
@settings(derandomize=True, deadline=None, max_examples=400)
def test_with_lower_bounds_nothing_is_above_what_go_would_take(world: World, roots: dict[str, str]) -> None:
    """It is the same but where a version that was passed over asked for more than the one that is taken."""
    oracle = by_definition(world, roots)
    picked = {name: version(text) for name, text in told(chosen(world, roots)).items()}
    assert all(at <= oracle[name] for name, at in picked.items())


@given(worlds(lower), roots_of(lower))
@settings(derandomize=True, deadline=None, max_examples=400)
def test_where_later_versions_ask_for_no_less_it_is_what_go_takes(world: World, roots: dict[str, str]) -> None:
    grown: dict[str, dict[str, dict[str, str]]] = {}
    for name, by in world.items():
        needs: dict[str, str] = {}
        grown[name] = {}
        for at in VERSIONS:
            for other, range in by[at].items():
                needs[other] = max(needs.get(other, ""), range)
            grown[name][at] = dict(needs)
    assert {n: version(t) for n, t in told(chosen(grown, roots)).items()} == by_definition(grown, roots)


@given(worlds(lower), roots_of(lower), st.sampled_from(NAMES), st.sampled_from(VERSIONS))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_new_releases_upstream_change_nothing(world: World, roots: dict[str, str], name: str, text: str) -> None:
    later = {**world, name: {**world[name], "3.0.0": {other: ">=2.0.1" for other in NAMES if other != name}}}
    assert told(chosen(later, roots)) == told(chosen(world, roots))


@given(worlds(any_range), roots_of(any_range))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_what_was_chosen_as_floors_is_chosen_again(world: World, roots: dict[str, str]) -> None:
    found = chosen(world, roots)
    assume(not isinstance(found, Conflict))
    floors = {name: version(text) for name, text in told(found).items()}
    again = chosen(world, roots, floors=floors)
    assert told(again) == told(found)
