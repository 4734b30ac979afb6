"""Overrides by command, and swaps: both halves or neither, and no record is ever lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from rem_cli.alerts.oncall import Duty
from rem_cli.alerts.oncall.kept import Kept, Overrides
from rem_cli.alerts.oncall.stints import stints
from rem_cli.alerts.oncall.swap import swapped
from rem_cli.clock import SystemClock
from rem_cli.errors import NoTargetError, UsageError
from rem_cli.state.memory import MemoryState
from tests.alerts.oncall import OPS, duty, span, told

ROTA = yaml.safe_load("""
zone: UTC
shifts:
  office: {days: [mon, tue, wed, thu, fri], start: "08:00", end: "17:00", contacts: [cy]}
  nights: {rotation: [{from: 2026-01-05, contacts: [ana, bo], handoff: "09:00"}]}
between: ["2026-01-10 00:00", "2026-01-17 00:00"]
""")
ANA, BO = "shop/contacts/ana", "shop/contacts/bo"


def kept(ops: Duty, begin: int, end: int, made: float = 1.0) -> Kept:
    return Kept(ops.path, begin, end, (BO,), (ANA,), "ill", "ana", made)


def test_a_swap_gives_whole_turns_to_each_other() -> None:  # 67
    ops, (begin, end) = duty(ROTA), span(ROTA)

    both = swapped(ops, BO, ANA, begin)

    assert [(one.instead_of, one.contacts, one.shift) for one in both] == [
        ((BO,), (ANA,), "nights"),
        ((ANA,), (BO,), "nights"),
    ]
    assert told(stints(ops.with_overrides(both), begin, end)) == [
        "2026-01-10T00:00Z 56h ana",
        "2026-01-12T08:00Z 9h cy",
        "2026-01-12T17:00Z 15h ana by override bo and ana swap",
        "2026-01-13T08:00Z 9h cy",
        "2026-01-13T17:00Z 15h ana by override bo and ana swap",
        "2026-01-14T08:00Z 9h cy",
        "2026-01-14T17:00Z 15h ana by override bo and ana swap",
        "2026-01-15T08:00Z 9h cy",
        "2026-01-15T17:00Z 15h ana by override bo and ana swap",
        "2026-01-16T08:00Z 9h cy",
        "2026-01-16T17:00Z 7h ana by override bo and ana swap",
    ]


def test_nobody_swaps_what_they_do_not_have() -> None:  # 67
    with pytest.raises(UsageError, match="di has no duty of ops in the next 400 days"):
        swapped(duty(ROTA), "shop/contacts/di", ANA, span(ROTA)[0])


def test_both_halves_of_a_swap_are_kept_in_one_commit() -> None:  # 67
    state = MemoryState("vm", SystemClock())
    overrides, before = Overrides(state), state.bucket("on call").watch()
    ops, (begin, end) = duty(ROTA), span(ROTA)

    made = overrides.add([kept(ops, begin, end), replace(kept(ops, begin, end), contacts=(ANA,), instead_of=(BO,))])

    assert [one.number for one in made] == [1, 2]
    assert overrides.all() == made
    assert {entry.key for entry in before.next()} == {"last", "override/0000000001", "override/0000000002"}


def test_what_was_made_later_counts_and_by_command_more_than_in_a_package() -> None:  # 66
    case = ROTA | {
        "overrides": {
            "package": {
                "span": {"from": "2026-01-10 00:00", "until": "2026-01-17 00:00"}, "contacts": ["cy"],
                "instead of": ["ana"],
            },
        }
    }  # fmt: skip
    ops, (begin, end) = duty(case), span(case)
    two = [replace(kept(ops, begin, end, made), contacts=(f"shop/contacts/{who}",), instead_of=()).override
           for made, who in ((2.0, "di"), (1.0, "bo"))]  # fmt: skip

    assert told(stints(ops.with_overrides(tuple(two)), begin, end)) == ["2026-01-10T00:00Z 7d di by override 0: ill"]


def test_an_override_ends_when_it_is_withdrawn_and_keeps_its_record() -> None:
    overrides, ops, (begin, end) = Overrides(MemoryState("vm", SystemClock())), duty(ROTA), span(ROTA)
    overrides.add([kept(ops, begin, end)])

    gone = overrides.withdraw(1, begin + 3600)

    assert overrides.all() == [gone]
    assert told(stints(ops.with_overrides(overrides.of(OPS)), begin, begin + 7200)) == [
        "2026-01-10T00:00Z 1h bo by override 1: ill",
        "2026-01-10T01:00Z 1h ana",
    ]


@pytest.mark.parametrize(("number", "said"), [(1, "override 1 has ended already"), (7, "there is no override 7")])
def test_what_has_ended_is_not_withdrawn(number: int, said: str) -> None:
    overrides, ops, (begin, end) = Overrides(MemoryState("vm", SystemClock())), duty(ROTA), span(ROTA)
    overrides.add([kept(ops, begin, end)])
    overrides.withdraw(1, begin)

    with pytest.raises(NoTargetError, match=said):
        overrides.withdraw(number, begin + 1)
