"""A job and its hosts as the catalog gives them, and the tasks that they make together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from rem_cli.errors import UsageError
from rem_cli.jobs import Origin
from rem_cli.jobs.fields import Fields
from rem_cli.jobs.retry import Retry
from rem_cli.jobs.success import Success
from rem_cli.jobs.tested import Test, tests_of
from rem_cli.language import Item
from rem_cli.language.names import nearest
from rem_cli.language.share import Share
from rem_cli.reach import Deadlines, Target, Task
from rem_cli.secrets import Reference, Secret
from rem_cli.series import Aggregate, Archive, Retention

ENVIRONMENT_LIMIT = 128 * 1024 - 1  # bytes of NAME=value; Linux takes no longer string at exec (MAX_ARG_STRLEN)


class ResultKind(StrEnum):
    """How a program hands over its result."""

    FILE = "file"  # JSON in the private file that REM_RESULT names; none is fine
    JSON = "json"  # standard output is the document
    NAGIOS = "nagios"  # standard output is a plug-in's
    PROMETHEUS = "prometheus"  # standard output is a text exposition
    NONE = "none"


class Host(NamedTuple):
    name: str
    path: str  # the item's path; empty for this machine
    address: str
    port: int | None = None
    user: str | None = None
    local: bool = False
    starts_itself: bool = False  # its own scheduler starts its scheduled jobs

    @classmethod
    def read(cls, item: Item) -> Host:
        fields = Fields(item)
        name = fields.text("name") or item.key
        reach = fields.text("reach") or "ssh"
        address = fields.text("address") or name
        user = fields.text("user")
        for what, text in (("address", address), ("user", user)):
            if text and (text.startswith("-") or not text.isprintable() or " " in text):
                raise UsageError(f"{what} '{text!a}' of {item.path} could be taken for an option or a command")
        itself = bool(item.fields.get("runs locally"))
        return cls(name, item.path, address, fields.count("port"), user, reach == "local", itself)


HERE = Host("localhost", "", "localhost", local=True)


@dataclass(frozen=True, slots=True)
class Job:
    """The fields of a job. Exactly one of `script`, `command` and `shell` is set."""

    path: str
    script: str | None
    command: tuple[str, ...]
    shell: str | None
    arguments: tuple[str, ...]  # of the script
    hosts: str | None  # a host selector; None: this machine
    workers: int  # programs on each host
    params: Mapping[str, str | None]  # None: must be given
    env: Mapping[str, str]
    secrets: Mapping[str, str]  # references by variable
    secret_files: Mapping[str, str]  # the same; the variable names a file that holds the secret
    stdin_params: bool
    deadlines: Deadlines
    parallel: int
    batch: Share | None
    max_fail: Share | None
    result: ResultKind
    success: Success
    retry: Retry | None
    late: float | None  # seconds after its time in which a run of a schedule, and each of its tries, may begin
    tests: tuple[Test, ...]  # of its result
    input: str | None  # the queue whose messages it handles
    output: str | None  # the queue that gets each result
    distribute: str | None  # how that, or the job, is spread over its hosts
    graph: tuple[str, ...]  # measures that become series
    retention: Retention
    detached: bool  # its programs run on their hosts by themselves
    item: Item
    kept: Mapping[str, Retention] = field(default_factory=dict)  # by measure, where it is another than the job's

    @classmethod
    def read(cls, item: Item) -> Job:
        """A job from its item; UsageError when the item is no job."""
        if item.process != "builtin jobs":
            raise UsageError(f"{item.path} is no job", hint="rem job list")
        fields = Fields(item)
        usual = Deadlines()
        deadlines = Deadlines(
            run=_or(fields.seconds("timeout"), usual.run),
            idle=fields.seconds("idle timeout"),
            grace=_or(fields.seconds("grace"), usual.grace),
        )
        archives = tuple(Archive(step, span) for step, span in fields.pairs("retention"))
        job = cls(
            path=item.path,
            script=fields.text("script"),
            command=tuple(fields.words("command")),
            shell=fields.text("shell"),
            arguments=tuple(fields.words("arguments")),
            hosts=fields.text("hosts"),
            workers=fields.count("workers") or 1,
            params=fields.table("params"),
            env={name: value or "" for name, value in fields.table("env").items()},
            secrets={name: value for name, value in fields.table("secrets").items() if value},
            secret_files={name: value for name, value in fields.table("secret files").items() if value},
            stdin_params=fields.text("stdin") == "params",
            deadlines=deadlines,
            parallel=fields.count("parallel") or 50,
            batch=None,
            max_fail=None,
            result=ResultKind(fields.text("result") or "file"),
            success=Success.read(fields.text("success")),
            retry=Retry.read(item.fields.get("retry"), item.fields.get("idempotent") is True),
            late=fields.seconds("deadline"),
            tests=tests_of(item),
            input=fields.text("input"),
            output=fields.text("output"),
            distribute=fields.text("distribute"),
            graph=tuple(fields.words("graph")),
            retention=Retention(archives, Aggregate(fields.text("aggregate") or "average")),
            detached=bool(item.fields.get("detached")),
            item=item,
        )
        return job.changed(batch=fields.text("batch"), max_fail=fields.text("max fail"))

    def keeping(self, series: Sequence[Item]) -> Job:
        """The job with what items of the section `series` say of its measures."""
        kept = dict(self.kept)
        for item in series:
            fields = Fields(item)
            measure = fields.text("field")
            if fields.text("of") != self.path or measure is None:
                continue
            pairs = tuple(Archive(step, span) for step, span in fields.pairs("retention"))
            aggregate = fields.text("aggregate")
            kept[measure] = Retention(
                pairs or self.retention.archives, Aggregate(aggregate) if aggregate else self.retention.aggregate
            )
        return replace(self, kept=kept)

    def changed(
        self,
        *,
        batch: str | None = None,
        max_fail: str | None = None,
        parallel: int | None = None,
        timeout: float | None = None,
    ) -> Job:
        """The job as the command line wants it this once; UsageError."""
        if parallel is not None and parallel < 1:
            raise UsageError(f"parallel is 1 or more, not {parallel}")
        if self.detached and (batch or max_fail):
            raise UsageError(f"{self.path} is left running on its hosts, which knows no batches and no max fail")
        if timeout is not None and not 0 < timeout < float("inf"):
            raise UsageError("a timeout is more than 0 s, and finite")
        return replace(
            self,
            batch=Share.read(batch, "batch", least=1) if batch is not None else self.batch,
            max_fail=Share.read(max_fail, "max fail", least=0) if max_fail is not None else self.max_fail,
            parallel=parallel or self.parallel,
            deadlines=replace(self.deadlines, run=timeout or self.deadlines.run),
        )


def secrets_of(job: Item) -> list[Reference]:
    """Where the secrets of a job's item are found."""
    tables = [job.fields.get(name) for name in ("secrets", "secret files")]
    found = [text for table in tables if isinstance(table, dict) for text in table.values()]
    return [Reference.read(text) for text in found if isinstance(text, str)]


def read_params(job: Job, given: Sequence[str]) -> dict[str, str]:
    """The value of every parameter: what the command line gives as `name=value`, else the default; UsageError."""
    values = dict(job.params)
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"'{one}' is no parameter", hint="--param name=value")
        if name not in job.params:
            raise UsageError(f"{job.path} has no parameter '{name}'", hint=_nearest(name, job.params))
        values[name] = value
    missing = [name for name, value in values.items() if value is None]
    if missing:
        hint = " ".join(f"--param '{name}=…'" if " " in name else f"--param {name}=…" for name in missing)
        raise UsageError(f"{job.path} must be given {', '.join(missing)}", hint=hint)
    full = {name: value for name, value in values.items() if value is not None}
    for name, value in full.items():
        _sendable(name, value)
    return full


class Taken(NamedTuple):
    """A message of a job's input, for the program that handles it."""

    id: str
    body: bytes
    delivery: int  # how often it was handed out, this time included
    mark: str = ""  # by which its programs are found again should nobody see them end


class Assignment(NamedTuple):
    """One program for one worker of one host."""

    host: Host
    target: Target  # its name is the host's; with several workers `web01#2`
    task: Task


def assignments(
    job: Job,
    hosts: Sequence[Host],
    params: Mapping[str, str],
    script: bytes | None,
    *,
    run: int,
    origin: Origin,
    secrets: Mapping[str, Secret] = MappingProxyType({}),
    taken: Taken | None = None,
) -> list[Assignment]:
    """What every host has to do, in the order of the hosts; UsageError.

    Parameters reach programs as `REM_PARAM_<NAME>`, and as a JSON document on standard input where the job says so;
    a program also hears what it is part of: REM_JOB, REM_RUN, REM_HOST, REM_WORKER, REM_COMMIT (empty for the work
    tree), REM_DUE, the instant that the schedule said (empty for a run that somebody started), and REM_TRY, which is 2
    when it is tried again; one that handles a message has that on standard input, and hears REM_MESSAGE, its id, and
    REM_DELIVERY. `secrets` holds the value of every variable in `job.secrets` and `job.secret_files`.
    """
    due = datetime.fromtimestamp(origin.due, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if origin.due is not None else ""
    part = {"REM_JOB": job.path, "REM_RUN": str(run), "REM_COMMIT": origin.commit, "REM_DUE": due, "REM_TRY": "1"}
    if taken is not None:
        part |= {"REM_MESSAGE": taken.id, "REM_DELIVERY": str(taken.delivery), "REM_HANDLES": taken.mark}
    common = environment(job, params) | part
    stdin = json.dumps(dict(params), ensure_ascii=False).encode() + b"\n" if job.stdin_params else b""
    stdin = taken.body if taken is not None else stdin
    slots = [(host, worker) for host in hosts for worker in range(1, job.workers + 1)]
    made = []
    for name, (host, worker) in zip(worker_names(job, hosts), slots, strict=True):
        task = Task(
            argv=job.arguments if job.script else job.command,
            script=script if job.script else None,
            shell=job.shell,
            env=common | {"REM_HOST": host.name, "REM_WORKER": str(worker)},
            stdin=stdin,
            secrets={name: secrets[name].line for name in job.secrets},
            secret_files={name: secrets[name].value for name in job.secret_files},
            result=job.result is ResultKind.FILE,
            deadlines=job.deadlines,
        )
        made.append(Assignment(host, Target(name, host.address, host.port, host.user), task))
    return made


def worker_names(job: Job, hosts: Sequence[Host]) -> list[str]:
    """What every worker of every host is called in a run: `web01`, or `web01#2`; UsageError when two are the same."""
    seen: dict[str, Host] = {}
    for host in hosts:
        other = seen.setdefault(host.name, host)
        if other is not host:  # they would share their series and their place in the record
            hint = "leave one of them out, or give one another `name`"
            raise UsageError(f"{other.path or other.name} and {host.path} are both called {host.name}", hint=hint)
    if job.workers == 1:
        return [host.name for host in hosts]
    return [f"{host.name}#{worker}" for host in hosts for worker in range(1, job.workers + 1)]


def environment(job: Job, params: Mapping[str, str]) -> dict[str, str]:
    """The variables that every program of the job is given; UsageError."""
    # A plug-in under another locale writes 0,5 for a half.
    env = {"LC_ALL": "C.UTF-8"} if job.result is ResultKind.NAGIOS else {}
    for name, value in job.env.items():
        if not _variable(name):
            raise UsageError(f"'{name}' of {job.path} is no name of an environment variable")
        env[name] = value
    for name in (*job.secrets, *job.secret_files):
        if not _variable(name):
            raise UsageError(f"'{name}' of {job.path} is no name of an environment variable")
        if name in env or name.startswith("REM_") or (name in job.secrets and name in job.secret_files):
            raise UsageError(f"the secret {name} of {job.path} would take the place of another variable",
                             hint="give it another name")  # fmt: skip
    taken: dict[str, str] = {}
    for name, value in params.items():
        variable = "REM_PARAM_" + "".join(one if one.isascii() and one.isalnum() else "_" for one in name).upper()
        if variable in taken:
            raise UsageError(f"parameters '{taken[variable]}' and '{name}' of {job.path} are both {variable}")
        taken[variable] = name
        if len(variable) + 1 + len(value.encode()) <= ENVIRONMENT_LIMIT:
            env[variable] = value
        elif not job.stdin_params:
            raise UsageError(f"parameter '{name}' is over 128 KiB", hint=f"let {job.path} say `stdin: params`")
    return env


def _variable(name: str) -> bool:
    return name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit()


def _sendable(name: str, value: str) -> None:
    if "\0" in value:
        raise UsageError(f"parameter '{name}' holds a NUL byte, which no program can be given")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(f"parameter '{name}' is not UTF-8", hint="give it encoded, as base64") from None


def _nearest(name: str, params: Mapping[str, str | None]) -> str:
    near = nearest(name, params)
    if near:
        return f"did you mean {near}?"
    return f"its parameters: {', '.join(params)}" if params else "it has none"


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
