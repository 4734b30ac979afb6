"""Runs for programs: the JSON that every face gives."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from rem_cli.clock import instant
from rem_cli.jobs import Attempt, HostRun, Output, Run


def brief(run: Run) -> dict[str, Any]:
    """A run without its hosts, for programs."""
    return {
        "run": run.id,
        "job": run.job,
        "state": str(run.state),
        "status": int(run.status) if run.status is not None else None,
        "why": run.why,
        "commit": run.origin.commit or None,
        "generation": run.origin.generation,
        "who": run.origin.who,
        "message": run.origin.message or None,
        "due": instant(run.origin.due) if run.origin.due is not None else None,
        "began": instant(run.began),
        "ended": instant(run.ended) if run.ended is not None else None,
        "counts": dict(run.counts),
        "notes": list(run.notes),
    }


def whole(run: Run, outputs: Sequence[Output]) -> dict[str, Any]:
    """A run for programs; what is no UTF-8 is given as base64, with `encoding` beside it."""
    printed = {host.host: output for output in outputs for host in output.hosts}
    return brief(run) | {
        "params": dict(run.params),
        "secrets": {name: {"from": one.reference, "fingerprint": one.fingerprint} for name, one in run.secrets.items()},
        "hosts": [_host(host, printed.get(host.host)) for host in run.hosts],
    }


def _attempt(one: Attempt) -> dict[str, Any]:
    """A try that another followed."""
    end = one.end
    return {
        "outcome": str(end.outcome),
        "exit": end.exit,
        "signal": end.signal,
        "why": end.why or None,
        "seconds": round(end.seconds, 3),
        "started": instant(one.started) if one.started is not None else None,
        "ended": instant(one.at),
        "said": one.said or None,
    }


def _host(host: HostRun, output: Output | None) -> dict[str, Any]:
    told: dict[str, Any] = {"host": host.host, "attempts": [*map(_attempt, host.attempts)]}
    end = host.end
    if end is None:
        return told | {"outcome": None}
    told |= {
        "outcome": str(end.outcome),
        "exit": end.exit,
        "signal": end.signal,
        "why": end.why or None,
        "hint": end.hint,
        "seconds": round(end.seconds, 3),
        "started": instant(host.started) if host.started is not None else None,
        "measures": {name: {"value": one.value, "unit": one.unit} for name, one in host.result.measures.items()},
        "data": host.result.data,
        "note": host.result.note or None,
        "dropped": {str(stream): count for stream, count in end.dropped.items()},
    }
    for name, data in (("stdout", output.out), ("stderr", output.err)) if output else ():
        try:
            told[name] = data.decode()
        except UnicodeDecodeError:
            told[name], told["encoding"] = base64.b64encode(data).decode(), "base64"
    return told
