"""Each file in tests/cases/alerts/rules/ is one rule, looked at again and again: when, what there is to see, the state
that comes of it, and what is said. Its name begins with its number in the semantics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rem_cli.language import Value
from rem_cli.language.types import seconds
from rem_cli.series import Point
from rem_cli.sla import Rule, Seen, Sight, Standing
from rem_cli.sla.flapping import Flapping
from rem_cli.sla.judge import Ended, Tolerance, both, by_condition, by_script, by_tolerance
from rem_cli.sla.kept import decode, encode
from rem_cli.sla.machine import look
from rem_cli.sla.read import level, rule
from tests.language.tree import resolve

CASES = sorted((Path(__file__).parents[1] / "cases/alerts/rules").glob("*.yaml"))
PACKAGE = """
jobs: {{web: {{load: {{command: [load], graph: [users], every: 1m, result: json}}}}}}
slas: {{web: {{users: {{of: jobs/web/load, field: users, {said}}}}}}}
"""


def made(said: dict[str, Any]) -> tuple[Rule, Tolerance | None, Tolerance | None]:
    """The rule of a case, by way of the language."""
    words = {name: value for name, value in said.items() if name not in ("every", "test script")}
    text = PACKAGE.format(said=yaml.safe_dump(words, default_flow_style=True, width=1000).strip()[1:-1])
    found = resolve({"packages/shop.yaml": text})
    assert [finding.message for finding in found.findings] == []
    item = found.items["shop/slas/web/users"]
    one = level(item, float(seconds(said["every"])))
    return one.rule, one.out, one.back


def seen(what: Any, at: float, out: Tolerance | None, back: Tolerance | None) -> Seen:
    if what == "error":
        return Seen(Sight.ERROR, "the series cannot be read")
    if isinstance(what, str) and what.startswith("exit"):
        return by_script(Ended(int(what.split()[1])), at)
    if what == "killed":
        return by_script(Ended(None, "killed by signal 9"), at)
    assert out is not None
    values = [float(one) for one in (what if isinstance(what, list) else [what]) if one != "none"]
    return by_tolerance([Point(int(at), value) for value in values], out, back)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_rule_goes_from_look_to_look(file: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text())
    said, standing, told, expected = case["rule"], Standing(), [], []
    of, out, back = made(said)
    for step in case["looks"]:
        if step == "restart":
            standing = decode(encode(standing))
        elif isinstance(step, dict):
            said = said | step
            of, out, back = made(said)
        else:
            at = float(seconds(step[0]))
            verdict = look(of, standing, seen(step[1], at, out, back), at)
            standing = verdict.standing
            told.append([*step[:2], str(verdict.state), *(event.what for event in verdict.events)])
            expected.append(step)

    assert told == expected


def evaluated(text: str, data: Any) -> Value:
    from rem_cli.language.at import Misfit
    from rem_cli.plugins.conditions import evaluate

    try:
        return evaluate(text, data)
    except Misfit as misfit:
        raise ValueError(misfit.message) from None


@pytest.mark.parametrize(
    ("text", "sight", "why"),
    [
        ("value < 3.0 && up", Sight.WELL, "'value < 3.0 && up' is true"),
        ("value > 3.0", Sight.BAD, "'value > 3.0' is false"),
        ("value + 1.0", Sight.ERROR, "'value + 1.0' is 3.0, neither true nor false"),
        ("rows > 3", Sight.ERROR, "'rows > 3' has no value: Undefined variable or function: 'rows'."),
    ],
)
def test_a_condition_without_an_answer_is_an_error_and_never_ok(text: str, sight: Sight, why: str) -> None:  # 7
    found = by_condition(text, {"value": 2.0, "up": True}, evaluated, 60.0)
    assert (found.sight, found.why[: len(why)]) == (sight, why)


def test_a_script_is_asked_only_of_what_is_bad_by_its_numbers() -> None:
    asked = []

    def script() -> Seen:
        asked.append(1)
        return by_script(Ended(0), 0)

    well, bad = (by_tolerance([Point(0, value)], Tolerance(">", (80.0,))) for value in (70.0, 90.0))

    assert (both(well, script).sight, both(bad, script).why, len(asked)) == (
        Sight.WELL,
        "the test script is well",
        1,
    )


def test_flapping_starts_above_thirty_percent_and_ends_below_twenty_five() -> None:  # 15
    one = Flapping(bad=False)
    shares = []
    for bad in [True, False] * 3 + [False] * 16:
        one = one.after(bad)
        shares.append((round(one.share, 1), one.flaps))

    assert shares[5:8] == [(33.9, True), (33.3, True), (32.7, True)]
    assert next(share for share, flaps in shares[6:] if not flaps) < 25.0
    assert [flaps for share, flaps in shares[6:] if 25.0 <= share <= 30.0] == [True] * 8


def test_newer_changes_weigh_more() -> None:  # 15: from 0.80 to 1.18 of a twentieth each
    one = Flapping()
    assert [round(Flapping(tuple(at == place for at in range(20))).share, 2) for place in (0, 19)] == [4.0, 5.9]
    assert (one.share, round(Flapping((True,) * 20).share, 1)) == (0.0, 99.0)


def test_another_for_is_no_other_rule() -> None:  # 13
    fields: dict[str, Value] = {"of": "shop/jobs/web/load", "out of tolerance": {"is": ">", "bounds": [80]}}
    assert rule("a", fields, 60.0).digest == rule("a", fields | {"for": 3600}, 60.0).digest
    assert rule("a", fields, 60.0).digest != rule("a", fields | {"field": "rows"}, 60.0).digest
