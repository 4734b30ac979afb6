"""`rem status`."""

from __future__ import annotations

from rem_cli import wire
from rem_cli.cli import options, show
from rem_cli.errors import RemError


def status(format: options.AsFormat = options.Format.TEXT) -> None:
    """Say what is active, how far the work tree is from it, and how the last runs ended."""
    with wire.open() as rem:
        generation = rem.generations.active()
        try:
            head = rem.repository.resolve("HEAD")
        except RemError:  # no commit yet
            head = None
        changed = rem.repository.changed(head) if head else []
        ahead = head is not None and (generation is None or head.id not in rem.generations.commits(generation))
        recent = rem.records.recent(5) if rem.state_folder.is_dir() else []
        now = rem.clock.now()
    if format is options.Format.JSON:
        active = None
        if generation:
            active = {
                "generation": generation.number,
                "commit": generation.commit,
                "who": generation.who,
                "why": generation.why,
                "at": show.instant(generation.at),
            }
        runs = [{"run": run.id, "job": run.job, "state": str(run.state), "why": run.why} for run in recent]
        head_id = head.id if head else None
        show.document("status", {"active": active, "head": head_id, "changed": changed, "runs": runs})
        return
    if generation is None:
        show.line(("nothing is active", "bold"), " yet")
    else:
        show.line(
            (generation.environment, "bold"), f": generation {generation.number} (", (generation.commit[:7], "cyan"),
            f") “{generation.why}”, {generation.who}, {show.age(now - generation.at)} ago",
        )  # fmt: skip
    if ahead and head:
        show.line("  HEAD is ", (head.id[:7], "cyan"), f" “{head.subject}”, which is not active")
    if changed:
        show.line(f"  not committed: {show.counted(len(changed), 'file')} of the work tree")
    for run in recent:
        good = run.status == 0
        sign = (
            (show.glyph("ok"), "green")
            if good
            else (show.glyph("bad" if run.ended else "blind"), "red" if run.ended else "blue")
        )
        told = run.why or str(run.state)
        show.line("  ", sign, f" run {run.id} of {run.job}, {show.age(now - run.began)} ago: {told}")
    if head is None:
        show.hint("git add -A && git commit")
    elif ahead:
        show.hint("rem apply")
