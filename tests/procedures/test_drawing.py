"""How a procedure is drawn."""

from __future__ import annotations

from xml.etree import ElementTree

from rem_cli.procedures.ahead import ahead, changed
from rem_cli.procedures.outline import drawing
from rem_cli.procedures.picture import picture
from rem_cli.series.chart.svg import to_svg
from tests.procedures.made import definition

RELEASE = """
start: drain
params: {hosts: "web01"}
most steps: 50
states:
  drain:
    task: jobs/ops/two
    compensate: jobs/ops/back
    timeout: 5m
    retry: [{times: 2, errors: [timed out, lost]}]
    catch: [{errors: [unreachable], next: pause}]
    next: enough
  pause: {wait: 90s, next: drain}
  enough: {choice: [{when: "size(params.hosts) > 3", next: all}], otherwise: agree}
  all: {for each: params.hosts, do: one, exit: jobs/ops/close}
  one: {command: [restart, --now]}
  agree: {approve: {role account: shop on call}, next: all}
"""


def test_a_procedure_is_drawn_in_plain_box_characters() -> None:
    assert (
        "\n".join(drawing(definition(RELEASE)))
        == """\
┌────────────────────────────────────────────────────┐
│ drain                                              │
│   task ops/two                                     │
│   at most 5m, 2 more tries after timed out or lost │
│   taken back by ops/back                           │
└─┬──────────────────────────────────────────────────┘
  ├─ unreachable ─▶ pause
  ▼
┌──────────┐
│ enough   │
│   choice │
└─┬────────┘
  ├─ size(params.hosts) > 3 ─▶ all
  └─ otherwise ─▶ agree

┌────────────────────────────┐
│ all                        │
│   for each of params.hosts │
│   exit ops/close           │
└─┬──────────────────────────┘
  ├─ each value ─▶ one
  └─■ ends

┌──────────────────────┐
│ one                  │
│   runs restart --now │
└─┬────────────────────┘
  └─■ ends

┌─────────────────────────────────────────────────────────┐
│ agree                                                   │
│   approval by shop on call within 4h, by another person │
└─┬───────────────────────────────────────────────────────┘
  └─▶ all ↑

┌─────────────────┐
│ pause           │
│   waits for 90s │
└─┬───────────────┘
  └─▶ drain ↑"""
    )


def test_a_terminal_that_knows_no_more_gets_ascii() -> None:
    rows = drawing(definition(RELEASE), ascii=True)
    assert "".join(rows).isascii()
    assert rows[:2] == [
        "+----------------------------------------------------+",
        "| drain                                              |",
    ]


def test_a_picture_names_every_state_and_every_way() -> None:
    svg = to_svg(picture(definition(RELEASE)))
    words = [one.text for one in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    for said in ("drain", "pause", "agree", "unreachable", "size(params.hosts) > 3", "otherwise", "each value", "next"):
        assert said in words


def test_no_two_ways_of_a_picture_lie_on_each_other() -> None:
    drawn = picture(definition(RELEASE))
    lanes = [
        (one.points[1][0], *sorted((one.points[1][1], one.points[2][1])))
        for one in drawn.items
        if hasattr(one, "points") and len(one.points) == 4
    ]
    over = [(a, b) for a in lanes for b in lanes if a is not b and a[0] == b[0] and a[1] <= b[2] and b[1] <= a[2]]
    assert (len(lanes), over) == (6, [])


def test_who_agrees_sees_what_would_run() -> None:
    """104."""
    made = definition(RELEASE)
    assert [(step.state, step.program) for step in ahead(made, "agree")] == [
        ("all exit", "close"),
        ("one", "restart --now"),
    ]


def test_who_agrees_sees_what_is_new_since_it_last_went_well() -> None:
    """104."""
    old = definition(RELEASE)
    new = definition(RELEASE.replace("--now", "--later").replace("pause: {wait: 90s", "pause: {wait: 2m"))
    assert changed(old, new) == [
        "~ states/one command: ['restart', '--now'] → ['restart', '--later']",
        "~ states/pause wait: 90 → 120",
    ]
    assert changed(old, old) == []
