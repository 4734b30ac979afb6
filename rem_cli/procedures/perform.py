"""Does one act of a run: a job as it was pinned, on the hosts that there are now, with a key of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

from rem_cli.errors import NoTargetError, RemError, Status
from rem_cli.jobs import HostRun, Lent, Origin, Run
from rem_cli.jobs.distribute import spread
from rem_cli.jobs.events import Listen
from rem_cli.jobs.job import Host, Job, read_params
from rem_cli.jobs.runner import Engines, run
from rem_cli.language import Item, Value
from rem_cli.procedures import OK, Error, Result
from rem_cli.procedures.definition import Definition, Kind, State
from rem_cli.procedures.moves import Act
from rem_cli.procedures.standing import CHECK, DO, ENTER, EXIT, UNDO
from rem_cli.reach import Outcome, Stop

_FIELD = {ENTER: "enter", EXIT: "exit", UNDO: "compensate", DO: "task"}
_CLASSES = {
    Outcome.FAILED: Error.FAILED,
    Outcome.TIMED_OUT: Error.TIMED_OUT,
    Outcome.UNREACHABLE: Error.UNREACHABLE,
    Outcome.REFUSED: Error.REFUSED,
    Outcome.CANCELLED: Error.CANCELLED,
    Outcome.LOST: Error.LOST,
}


class Work(NamedTuple):
    """What an act is done with."""

    engines: Engines
    hosts: Callable[[str | None], Sequence[Host]]  # by their selector
    script: Callable[[str], bytes]  # by its sha256
    listen: Listen
    origin: Origin
    lend: Callable[[Job, Callable[[str], bytes]], Lent]  # its secrets, given how files of its commit are read
    fences: Mapping[str, int] = {}  # of the locks that the run holds, by path


def perform(work: Work, definition: Definition, number: int, act: Act, stop: Stop) -> Result:
    """Do an act, and say how it ended; never raises."""
    try:
        job = job_of(definition, number, act, work.fences)
        given = {name: value for name, value in act.given.items() if act.action == DO or name in job.params}
        params = read_params(job, [f"{name}={value}" for name, value in given.items()])
        script = work.script(definition.scripts[job.script]) if job.script else None
        hosts = work.hosts(job.hosts)
        lent = work.lend(job, lambda path: work.script(definition.scripts[path]))

        def go(some: Sequence[Host]) -> Run:
            return run(
                job, some, engines=work.engines, stop=stop, listen=work.listen, params=params, script=script,
                lent=lent, origin=work.origin,
            )  # fmt: skip

        done = spread(job, hosts, Random(), go)
    except NoTargetError as error:
        return Result(Error.NO_TARGET, error.message)
    except RemError as error:
        return Result(Error.NOT_STARTED, error.message)
    except Exception as error:  # whatever it is, the run of the procedure must hear of it
        return Result(Error.NOT_STARTED, f"rem failed: {type(error).__name__}: {error}")
    if done.detached and done.ended is None:
        return Result("")  # the journal says which run it is since before that began
    return result(done)


def job_of(definition: Definition, number: int, act: Act, fences: Mapping[str, int]) -> Job:
    """The job that an act runs, with what tells its program which act it is."""
    state = definition.states[act.state]
    if act.action == CHECK:
        job = Job.read(_item(definition, state, {"script": state.text("check")}))
    elif act.action == DO and state.kind is Kind.COMMAND:
        given: dict[str, Value] = dict.fromkeys(act.given)
        job = Job.read(_item(definition, state, {"command": list(state.words("command")), "params": given}))
    else:
        job = Job.read(definition.jobs[state.text(_FIELD[act.action])])
    about = {
        "REM_PROCEDURE": definition.path,
        "REM_PROCEDURE_RUN": str(number),
        "REM_STATE": act.state,
        "REM_ATTEMPT": str(act.attempt),
        "REM_KEY": act.key(number),
        "REM_FENCES": " ".join(f"{path.rpartition('/')[2]}={fence}" for path, fence in sorted(fences.items())),
    }
    return replace(job, env={**job.env, **about})


def _item(definition: Definition, state: State, fields: dict[str, Value]) -> Item:
    path = f"{definition.path}/{state.name}"
    timeout = state.seconds("timeout")
    return Item(path, path.partition("/")[0], "jobs", "builtin jobs", state.name, {}, {**fields, "timeout": timeout})


def result(done: Run) -> Result:
    """What a job's run means for the state that ran it."""
    hosts: dict[str, Value] = {host.host: _told(host) for host in done.hosts}
    told: dict[str, Value] = {"run": done.id, **_told(done.hosts[0])}
    if len(hosts) > 1:
        told["hosts"] = hosts
    return Result(_class(done), _why(done), told)


def _class(done: Run) -> str:
    if done.status is Status.DONE:
        return OK
    if done.status is Status.UNTRUSTED:
        return Error.UNTRUSTED
    if done.status is Status.SOME_FAILED:
        return Error.SOME_FAILED
    if done.status is Status.INTERRUPTED:
        return Error.CANCELLED
    classes = {_CLASSES[host.end.outcome] for host in done.hosts if host.end and host.end.outcome in _CLASSES}
    return classes.pop() if len(classes) == 1 else Error.FAILED


def _why(done: Run) -> str:
    if done.status is Status.DONE:
        return ""
    if len(done.hosts) == 1 and done.hosts[0].end is not None:
        end = done.hosts[0].end
        how = end.why or (f"exit {end.exit}" if end.exit is not None else str(end.outcome))
        return f"{how}, job run {done.id}"
    return f"{done.why}, job run {done.id}"


def _told(host: HostRun) -> dict[str, Value]:
    end = host.end
    return {
        "outcome": str(end.outcome) if end else "unknown",
        "exit": end.exit if end else None,
        "data": host.result.data,
        "numbers": {name: measure.value for name, measure in host.result.measures.items()},
    }
