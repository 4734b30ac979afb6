"""How runs lie in the state store: JSON documents, and bodies in pieces that fit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

from rem_cli.errors import Status
from rem_cli.jobs import Attempt, HostRun, Measure, Origin, Result, Run, RunState, Used
from rem_cli.jobs.controller import Controller
from rem_cli.reach import End, Outcome, Stream
from rem_cli.state import Bucket, Drop, MissingKey, Put

PIECE = 1 << 19  # bytes of a body in one key; half of what a key may hold
MOST_DROPS = 500  # in one commit

Document = dict[str, Any]


def run_key(run: int) -> str:
    return f"run/{run:010d}"


def host_key(run: int, place: int) -> str:
    return f"host/{run:010d}/{place:06d}"


def away_key(run: int) -> str:
    return f"away/{run:010d}"


def far_key(run: int, place: int) -> str:
    return f"far/{run:010d}/{place:06d}"


def sample_key(run: int, place: int) -> str:
    return f"sample/{run:010d}/{place:06d}"


def body_prefix(run: int, digest: str) -> str:
    return f"body/{run:010d}/{digest}/"


def pack(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()


def pieces(run: int, body: bytes) -> tuple[str, list[Put]]:
    """A body's digest, and what has to be written for it; nothing for an empty one."""
    if not body:
        return "", []
    digest = sha256(body).hexdigest()
    starts = range(0, len(body), PIECE)
    prefix = body_prefix(run, digest)
    return digest, [Put(f"{prefix}{at // PIECE:05d}", body[at : at + PIECE]) for at in starts]


def run_document(run: Run, controller: Controller, hosts: str) -> bytes:
    """A run without its hosts; `hosts` is the digest of the body that names them."""
    document = {
        "job": run.job, "origin": asdict(run.origin), "parallel": run.parallel, "began": run.began,
        "ended": run.ended, "status": run.status, "why": run.why, "counts": dict(run.counts),
        "notes": list(run.notes), "controller": asdict(controller), "hosts": hosts,
        "detached": run.detached,
    }  # fmt: skip
    return pack(document)


def read_run(id: int, body: bytes) -> tuple[Run, Controller, str]:
    """A run without hosts and parameters, its controller, and the digest of the body that names its hosts."""
    document: Document = json.loads(body)
    status = document["status"]
    run = Run(
        id=id,
        job=document["job"],
        origin=Origin(**document["origin"]),
        params={},
        parallel=document["parallel"],
        began=document["began"],
        state=RunState.FINISHED if document["ended"] is not None else RunState.RUNNING,
        ended=document["ended"],
        status=None if status is None else Status(status),
        why=document["why"],
        counts=document["counts"],
        notes=document["notes"],
        detached=document.get("detached", False),
    )
    return run, Controller(**document["controller"]), document["hosts"]


def host_document(host: HostRun, out: str, err: str, result: str) -> bytes:
    """A host of a run; `out`, `err` and `result` are digests of bodies."""
    document: Document = {
        "host": host.host,
        "started": host.started,
        "end": _end_document(host.end) if host.end else None,
    }
    if host.attempts:
        document["attempts"] = [[_end_document(one.end), one.started, one.at, one.said] for one in host.attempts]
    return pack(document | {"out": out, "err": err, "result": result})


def _end_document(end: End) -> Document:
    return {**asdict(replace(end, result=None)), "dropped": dict(end.dropped)}


def _read_end(document: Document) -> End:
    dropped = {Stream(stream): count for stream, count in document["dropped"].items()}
    return End(**{**document, "outcome": Outcome(document["outcome"]), "dropped": dropped})


def read_host(body: bytes) -> tuple[HostRun, Document]:
    """A host without its result, and the document that has the digests."""
    document: Document = json.loads(body)
    end = _read_end(document["end"]) if document["end"] is not None else None
    attempts = tuple(Attempt(_read_end(told), *rest) for told, *rest in document.get("attempts", ()))
    return HostRun(document["host"], end, document["started"], attempts=attempts), document


def result_document(result: Result) -> bytes:
    if result == Result():
        return b""
    measures = {name: [measure.value, measure.unit] for name, measure in result.measures.items()}
    return pack({"measures": measures, "data": result.data, "note": result.note})


def read_result(body: bytes) -> Result:
    if not body:
        return Result()
    document: Document = json.loads(body)
    measures = {name: Measure(value, unit) for name, (value, unit) in document["measures"].items()}
    return Result(measures, document["data"], document["note"])


def hosts_document(hosts: Sequence[str], params: Mapping[str, str], secrets: Mapping[str, Used]) -> bytes:
    return pack({"hosts": list(hosts), "params": dict(params), "secrets": dict(secrets)})


def read_secrets(document: Document) -> dict[str, Used]:
    """What `hosts_document` says of secrets; nothing in runs of an older REM."""
    return {name: Used(*told) for name, told in document.get("secrets", {}).items()}


def commits(units: Sequence[Sequence[Put]], *, changes: int, size: int) -> Iterator[tuple[int, list[Put]]]:
    """Units in commits of at most so many changes and about so many bytes, none cut; with how many each commit has."""
    ready: list[Put] = []
    count = weight = 0
    for unit in units:
        heavy = sum(len(put.body) for put in unit)
        if ready and (len(ready) + len(unit) > changes or weight + heavy > size):
            yield count, ready
            ready, count, weight = [], 0, 0
        ready = [*ready, *unit]
        count, weight = count + 1, weight + heavy
    if ready:
        yield count, ready


def forget(bucket: Bucket, keys: Sequence[str]) -> None:
    """Drop keys, also those that somebody else drops at the same time."""
    for at in range(0, len(keys), MOST_DROPS):
        some = keys[at : at + MOST_DROPS]
        try:
            bucket.commit([Drop(key) for key in some])
        except MissingKey:
            for key in some:
                with suppress(MissingKey):
                    bucket.drop(key)
