"""`rem sla` and `rem alert` over real series: test scripts, and how a breach becomes an episode."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from rem_cli.series import Archive, Point, Retention
from rem_cli.series.whisper import WhisperStore
from tests.cli.conftest import Repository

SCRIPT = """\
#!/bin/sh
cat >"{seen}"
{how}
"""
LEVELS = """\
ops:
  heavy: {of: jobs/try/numbers, field: load, out of tolerance: "> 1", test script: scripts/judge.sh}
  light: {of: jobs/try/numbers, field: load, out of tolerance: "> 9", test script: scripts/judge.sh}
"""


@pytest.fixture
def measured(active: Repository) -> Repository:
    """With a number in a series, on one host."""
    assert active.rem("job", "run", "shop/jobs/try/numbers", "--hosts", "web01").status == 0
    return active


def a_minute_ago(repository: Repository) -> None:
    """The same number a minute earlier: of a second that is not over nobody can say that it was bad."""
    now = time.time()
    kept = Retention((Archive(1, 3600),))
    store = WhisperStore(repository.state / "series")
    assert store.add("shop/jobs/try/numbers/web01/load", [Point(int(now) - 60, 3.0)], retention=kept, now=now) == 1


def judged(repository: Repository, how: str) -> dict[str, str]:
    """Each service level by its name, with what was seen and why."""
    folder = repository.package.parent
    (folder / "scripts").mkdir(parents=True, exist_ok=True)
    script = folder / "scripts/judge.sh"
    script.write_text(SCRIPT.format(seen=repository.root / "seen", how=how))
    script.chmod(0o755)
    (folder / "slas.yaml").write_text(LEVELS)
    told = repository.rem("sla", "show", "--tree", "--format", "json").document["levels"]
    return {one["service level"].rpartition("/")[2]: f"{one['sight']}: {one['why']}" for one in told}


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("exit 0", "well: the test script is well"),
        ("exit 1", "between: the test script warns"),
        ("exit 2", "bad: the test script says it is a breach"),
        ("exit 3", "unknown: the test script cannot say (3)"),
        ("exit 127", "error: the test script ended with 127: it cannot be run"),
        ("kill -9 $$", "unknown: the test script was killed by KILL"),
    ],
)
def test_a_script_says_by_its_exit_status_what_bad_numbers_are(how: str, said: str, measured: Repository) -> None:  # 8
    found = judged(measured, how)

    assert (found["light"], found["heavy"]) == ("well: 3 is not > 9", said)


def test_a_script_is_given_the_window(measured: Repository) -> None:
    judged(measured, "exit 0")

    seen = json.loads((measured.root / "seen").read_text())
    assert (seen["schema"], seen["service level"], seen["why"]) == ("rem.window/1", "shop/slas/ops/heavy", "3 is > 1")
    assert [value for _, value in seen["values"]] == [3.0]


ALERTS = """\
ops:
  {name}: {{of: jobs/try/numbers, field: load, out of tolerance: "> 1", alert: loud}}
"""


def test_a_breach_is_an_episode_until_its_rule_is_another_one(measured: Repository) -> None:  # 13
    folder = measured.package.parent
    (folder / "alerts.yaml").write_text("loud: {severity: page, group wait: 0s}\n")
    states = []
    for name in ("load", "renamed"):
        measured.applied({"packages/shop/slas.yaml": ALERTS.format(name=name)})
        assert measured.rem("sla", "check").status == 0
        rows = measured.rem("alert", "list", "--all", "--format", "json").document["episodes"]
        states.append(sorted((one["labels"]["service level"], one["end"]) for one in rows))

    assert states == [[("load", None)], [("load", "superseded"), ("renamed", None)]]


def test_planned_downtime_is_left_out_of_what_was_promised(measured: Repository) -> None:
    level = "ops: {load: {of: jobs/try/numbers, field: load, out of tolerance: '> 1', objective: 99%, window: 1h}}\n"
    measured.applied({"packages/shop/slas.yaml": level})
    a_minute_ago(measured)
    begin = datetime.now(UTC) - timedelta(minutes=10)
    before = measured.rem("sla", "report", "--format", "json").document["rows"][0]

    told = measured.rem("alert", "silence", "host=web01", "--downtime", "--from", begin.isoformat(), "--for", "1h")
    after = measured.rem("sla", "report", "--format", "json").document["rows"][0]

    assert told.status == 0
    assert (before["available"], before["seconds"]["planned"]) == (0.0, 0.0)
    assert (after["available"], after["seconds"]["planned"] >= 600) == (None, True)


def test_a_silence_that_is_over_is_refused(measured: Repository) -> None:
    told = measured.rem("alert", "silence", "host=web01", "--from", "2020-01-01", "--for", "30d")
    assert (told.status, told.err.splitlines()[0]) == (2, "rem: a silence that is over hides nothing")


OBJECTIVES = """\
ops:
  missed: {of: jobs/try/numbers, field: load, out of tolerance: "> 1", objective: 99%, window: 1h}
  held: {of: jobs/try/numbers, field: load, out of tolerance: "> 9", objective: 99%, window: 1h, alert: loud}
  burns:
    of: jobs/try/numbers
    field: load
    objective: 99%
    window: 30d
    condition: "load < 2.0"
    burn rates: [{long: 1h, short: 5m, factor: 14.4}]
    alert: loud
"""


def test_an_objective_that_is_missed_fires_its_alert(measured: Repository) -> None:
    (measured.package.parent / "alerts.yaml").write_text("loud: {severity: ticket, group wait: 0s}\n")
    measured.applied({"packages/shop/slas.yaml": OBJECTIVES.replace("window: 1h}", "window: 1h, alert: loud}", 1)})

    a_minute_ago(measured)
    assert measured.rem("sla", "check").status == 0

    rows = measured.rem("alert", "list", "--format", "json").document["episodes"]
    assert sorted((one["labels"]["service level"], one["why"]) for one in rows) == [
        ("burns", "'load < 2.0' is false"),
        ("burns", "0% of 99% was well, and the budget burns 100.0 times too fast"),
        ("missed", "0% of 99% was well"),
        ("missed", "3 is > 1"),
    ]
