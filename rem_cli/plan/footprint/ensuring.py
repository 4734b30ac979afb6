"""Asking hosts whether what must be so is so, and bringing it about; item after item, all hosts of a batch at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rem_cli.plan.footprint.ensure import Ensure, Ensured, How
from rem_cli.plan.footprint.hosts import Failed, Hosts, failed
from rem_cli.plan.footprint.plans import Plan
from rem_cli.reach import Deadlines, End, Outcome, Stop, Task

NOT_SO = (1, 10)  # exit statuses of a check; 0 says that it is so, and any other that it cannot tell
LONGEST = 64 << 10  # bytes that are kept of what a program says
# Where somebody else runs the check, 1 is what sudo and runuser end with when they refuse.
_AS_ANOTHER = '"$@"; status=$?; [ $status -ne 1 ] || status=10; exit $status'

Over = Callable[[Plan, Sequence[Ensured]], None]
Heard = Callable[[Plan, Ensured], None]


def checked(found: Sequence[Plan], hosts: Hosts, stop: Stop) -> list[Plan]:
    """Plans with how each item stands now; unchecked where what it comes after is not as it should be yet."""
    said: dict[str, list[Ensured]] = {plan.name: [] for plan in found}
    for at in range(max((len(plan.ensured) for plan in found), default=0)):
        asked = []
        for plan in found:
            if at < len(plan.ensured):
                said[plan.name].append(plan.ensured[at])
                if plan.looked is not None and not plan.left_out and not _waits(plan, said[plan.name]):
                    asked.append(plan)

        def heard(plan: Plan, one: Ensured) -> None:
            said[plan.name][-1] = one

        _run(asked, at, hosts, "check", heard, lambda: False, stop)
    return [replace(plan, ensured=said[plan.name]) for plan in found]


def _waits(plan: Plan, said: Sequence[Ensured]) -> bool:
    unsettled = {step.item for step in plan.steps if step.acts}
    unsettled |= {one.ensure.item for one in said[:-1] if one.how is not How.SO}
    return not unsettled.isdisjoint(said[-1].ensure.after)


def make_so(
    found: Sequence[Plan],
    hosts: Hosts,
    over: Over,
    changing: Callable[[], None],
    halted: Callable[[], bool],
    stop: Stop,
) -> None:
    """Check each item and bring about what is not so, until one fails; `over` is given each host as it ends.

    `changing` is called before anything may change. A host that was not begun when `halted` is not told of.
    """
    said: dict[str, list[Ensured]] = {plan.name: [] for plan in found}
    live = {plan.name: plan for plan in found}

    def heard(plan: Plan, one: Ensured) -> None:
        said[plan.name].append(one)
        if one.how is How.FAILED:
            over(live.pop(plan.name), said[plan.name])

    for at in range(max((len(plan.ensured) for plan in found), default=0)):
        wanting: list[Plan] = []

        def first(plan: Plan, one: Ensured, wanting: list[Plan] = wanting) -> None:
            if one.how is How.NOT_SO:
                wanting.append(plan)
            else:
                heard(plan, one)

        asked = [plan for plan in live.values() if at < len(plan.ensured)]
        _run(asked, at, hosts, "check", first, halted, stop)
        if wanting:
            changing()
            _bring_about(wanting, at, hosts, heard, halted, stop)
        for plan in list(live.values()):
            if len(said[plan.name]) <= at < len(plan.ensured):
                del live[plan.name]  # it was not begun
            elif len(plan.ensured) == at + 1:
                over(live.pop(plan.name), said[plan.name])


def _bring_about(
    wanting: Sequence[Plan], at: int, hosts: Hosts, heard: Heard, halted: Callable[[], bool], stop: Stop
) -> None:
    """Run the program that makes an item so, and its check once more."""
    applied: list[Plan] = []

    def ran(plan: Plan, one: Ensured) -> None:
        if one.how is How.FAILED:
            heard(plan, one)
        else:
            applied.append(plan)

    def again(plan: Plan, one: Ensured) -> None:
        if one.how is How.SO:
            one = one._replace(how=How.MADE_SO)
        elif one.how is How.NOT_SO:
            why = f"{one.ensure.item}: apply ended well, and its check still says that it is not so"
            one = one._replace(how=How.FAILED, failed=Failed(True, why, f"try both there: {one.ensure.check[0]}"))
        heard(plan, one)

    _run(wanting, at, hosts, "apply", ran, halted, stop)
    _run(applied, at, hosts, "check", again, lambda: False, stop)


def _run(
    plans: Sequence[Plan], at: int, hosts: Hosts, what: str, heard: Heard, halted: Callable[[], bool], stop: Stop
) -> None:
    """Run one of the two programs of each host's item at a place, and say what its end means."""
    by_name = {plan.name: plan for plan in plans}

    def ended(name: str, end: End, output: bytes) -> None:
        plan = by_name[name]
        heard(plan, _read(plan, plan.ensured[at].ensure, what, end, output))

    hosts.programs([(plan.machine, _task(plan, plan.ensured[at].ensure, what)) for plan in plans], ended, halted, stop)


def _read(plan: Plan, one: Ensure, what: str, end: End, output: bytes) -> Ensured:
    if end.outcome is Outcome.OK:
        return Ensured(one, How.SO if what == "check" else How.UNCHECKED)
    no = end.outcome is Outcome.FAILED and end.exit in NOT_SO and not (end.exit == 1 and _other(plan, one))
    return Ensured(one, How.NOT_SO) if what == "check" and no else _failed(one, what, end, output)


def _other(plan: Plan, one: Ensure) -> bool:
    """Whether it is run by somebody else than who logs in."""
    return bool(one.user) and plan.looked is not None and one.user != plan.looked.user


def _task(plan: Plan, one: Ensure, what: str) -> Task:
    check = what == "check"
    argv = one.check if check else one.apply
    if _other(plan, one):
        assert plan.looked is not None
        become = ("runuser", "-u") if plan.looked.user == "root" else ("sudo", "-n", "-u")
        argv = (*become, one.user, "--", *(("sh", "-c", _AS_ANOTHER, "rem") if check else ()), *argv)
    return Task(argv=argv, output_limit=LONGEST, deadlines=Deadlines(run=one.timeout))


def _failed(one: Ensure, what: str, end: End, output: bytes) -> Ensured:
    why = failed(end)
    last = output.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
    said = ": ".join(filter(None, [f"{one.item}: {what}: {why.why}", last]))
    hint = why.hint or ("a check ends with 0 when it is so, 1 or 10 when not" if what == "check" else None)
    return Ensured(one, How.FAILED, why._replace(why=said, hint=hint))
