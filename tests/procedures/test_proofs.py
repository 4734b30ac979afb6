"""What is proved of procedures that are larger than one writes by hand; each single proof is a case of the language."""

from __future__ import annotations

from tests.language.tree import resolve


def _ring(count: int) -> list[str]:
    """The findings of a procedure whose states lead round, each also to the one after the next."""
    rows = [
        f"        s{place}: {{wait: 1s, next: s{(place + 1) % count}, catch: [{{next: s{(place + 2) % count}}}]}}"
        for place in range(count)
    ]
    head = "procedures:\n  ops:\n    ring:\n      start: s0\n      states:\n"
    found = resolve({"packages/shop.yaml": head + "\n".join(rows) + "\n"}).findings
    return [f"{one.place} {one.id} {one.message}" for one in found]


def test_a_procedure_has_so_many_states_at_most() -> None:
    assert _ring(200) == [
        "packages/shop.yaml:6:9 REM2403 from 's0' there is no way to an end",
    ]
    assert _ring(201) == ["packages/shop.yaml:3:5 REM2414 it has 201 states, more than 200"]


def test_branches_in_branches_in_branches_are_seen_through() -> None:
    """Each begins the next one and all of them end well."""
    rows = [f"        s{place}: {{parallel: [s{place + 1}, end]}}" for place in range(150)]
    head = "procedures:\n  ops:\n    deep:\n      start: s0\n      states:\n"
    text = head + "\n".join([*rows, "        s150: {wait: 1s}", "        end: {wait: 1s}"]) + "\n"
    assert resolve({"packages/shop.yaml": text}).findings == ()
