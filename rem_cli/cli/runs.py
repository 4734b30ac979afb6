"""How a run is told when it is over: for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence

from rem_cli.cli import show
from rem_cli.errors import Status
from rem_cli.jobs import HostRun, Output, Run, RunState
from rem_cli.jobs.events import Lines
from rem_cli.jobs.status import counted
from rem_cli.reach import End, Outcome, Stream

HINTS = 3  # that are printed below a run
LINES = 40  # of one output that `rem job run` prints; `rem job show` prints all
_STYLE = {Outcome.OK: ("ok", "green"), Outcome.UNREACHABLE: ("blind", "blue"), Outcome.REFUSED: ("blind", "blue")}


def result(run: Run, outputs: Sequence[Output], *, most: int | None) -> None:
    """The whole of a run: who did what, identical outputs once, then one line that sums it up."""
    show.line(
        ("run ", "bold"),
        (str(run.id), "bold"),
        f" of {run.job} from ",
        (run.origin.label, "cyan"),
        _message(run),
        _spread(run),
    )
    width = max(36, min(60, max((len(_names(output.hosts)) for output in outputs), default=0) + 2))
    for output in outputs:
        _output(output, width, most)
    for host in [host for host in run.hosts if host.end is None]:
        sign = (show.glyph("runs"), "cyan") if run.detached and host.started else (show.glyph("blind"), "blue")
        show.line("  ", sign, f" {host.host.ljust(width)} ", (_unended(run, host), "dim"))
    for remark in run.notes:
        show.line("  ", (show.glyph("bad"), "yellow"), f" {remark}")
    show.line("")
    show.line(*summary(run))
    if run.detached and run.ended is None:
        show.hint(f"rem job follow {run.id}, or: rem job cancel {run.id}")
    hints = list(dict.fromkeys(host.end.hint for host in run.hosts if host.end and host.end.hint))
    for hint in hints[:HINTS]:
        show.hint(hint)
    if len(hints) > HINTS:
        show.note(f"      and {len(hints) - HINTS} more like these: rem job show {run.id} --format json")
    if most is not None and any(len(_lines(output)) > most for output in outputs):
        show.hint(f"rem job show {run.id} prints all of the output")


def _message(run: Run) -> str:
    return f" for the message {run.origin.message}" if run.origin.message else ""


def _spread(run: Run) -> str:
    hosts = show.counted(len(run.hosts), "host")
    return f" on {hosts}, {run.parallel} at a time" if len(run.hosts) > run.parallel else f" on {hosts}"


def _unended(run: Run, host: HostRun) -> str:
    if not run.detached:
        return "not known: not ended in the record"
    return "runs there by itself" if host.started is not None else "asked to start, and not known whether it did"


def _names(hosts: Sequence[HostRun]) -> str:
    return " ".join(host.host for host in hosts)


def _output(output: Output, width: int, most: int | None) -> None:
    end = output.hosts[0].end
    assert end is not None
    glyph, color = _STYLE.get(end.outcome, ("bad", "red"))
    show.line("  ", (show.glyph(glyph), color), f" {_names(output.hosts).ljust(width)} ", (_about(output.hosts), "dim"))
    for number, one in enumerate(output.hosts[0].attempts, 1):
        told = f" try {number}: {_failed(one.end, [one.end.seconds])}" + (f": {one.said}" if one.said else "")
        show.line("      ", (show.glyph("bar"), "dim"), (told, "yellow"))
    lines = _lines(output)
    for stream, text in lines[:most]:
        show.line("      ", (show.glyph("bar"), "dim"), " ", (text, "dim" if stream is Stream.ERR else ""))
    if most is not None and len(lines) > most:
        show.line("      ", (show.glyph("bar"), "dim"), (f" … {len(lines) - most} more lines", "dim"))
    for stream, count in end.dropped.items():
        show.line("      ", (show.glyph("bar"), "dim"), (f" {count:,} more bytes of {stream} were not kept", "yellow"))
    for note in dict.fromkeys(host.result.note for host in output.hosts if host.result.note):
        show.line("      ", (note, "yellow"))


def _lines(output: Output) -> list[tuple[Stream, str]]:
    told: list[tuple[Stream, str]] = []
    for stream, data in ((Stream.OUT, output.out), (Stream.ERR, output.err)):
        lines = Lines()
        told += [(stream, text) for text in lines.feed(stream, data)]
        told += lines.flush()
    return told


def _about(hosts: Sequence[HostRun]) -> str:
    """`8 ok, 3.9 to 4.4 s`, `exit 127 after 0.2 s`, `no answer in 10 s, not started`."""
    ends = [host.end for host in hosts if host.end]
    first = ends[0]
    took = sorted(end.seconds for end in ends)
    if first.outcome is Outcome.OK:
        least, most = show.span(took[0]), show.span(took[-1])
        times = least if least == most else f"{least} to {most}"
        return (f"{len(ends)} ok, {times}" if len(ends) > 1 else f"ok, {times}") + _at_try(hosts[0])
    return _failed(first, took) + _at_try(hosts[0])


def _at_try(host: HostRun) -> str:
    return f", at try {len(host.attempts) + 1}" if host.attempts else ""


def _failed(end: End, took: Sequence[float]) -> str:
    if end.outcome is Outcome.FAILED:
        how = f"signal {end.signal}" if end.signal else f"exit {end.exit}" if end.exit is not None else end.why
        why = f": {end.why}" if end.why and how != end.why else ""
        return f"{how} after {show.span(took[-1])}{why}"
    text = end.why or str(end.outcome)
    if end.outcome in (Outcome.UNREACHABLE, Outcome.REFUSED) and "not started" not in text:
        text += ", not started"
    return text + ("; it may still run there" if end.survivors else "")


def summary(run: Run) -> list[show.Span | str]:
    """How a run ended, or that it did not."""
    if run.state is not RunState.FINISHED:
        return [(str(run.state), "yellow"), f" since {show.when(run.began)}"]
    took = (run.ended or run.began) - run.began
    good = run.status == Status.DONE
    return [(run.why, "bold green" if good else "bold"), f", {show.span(took)}"]


def row(run: Run, now: float) -> list[object]:
    """One run in a list."""
    told = counted({Outcome(name): count for name, count in run.counts.items()})
    took = show.span(run.ended - run.began) if run.ended is not None else ""
    return [run.id, run.job, run.state, told, f"{show.age(now - run.began)} ago", took]
