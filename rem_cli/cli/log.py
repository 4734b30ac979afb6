"""`rem log`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, show
from rem_cli.errors import UntrustedError
from rem_cli.plan.audit import Record


def log(
    verify: Annotated[
        bool, typer.Option("--verify", help="Check that no line was changed, moved or taken out.")
    ] = False,
    limit: options.Limit = 20,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Tell who made what active, when and why, newest first."""
    with wire.open() as rem:
        records = rem.audit.records()
        broken = rem.audit.verify(one.anchor for one in rem.generations.history()) if verify else []
        now = rem.clock.now()
    if broken:
        raise UntrustedError(f"the audit is not as it was written: {broken[0]}", hint="compare it with a backup")
    if format is options.Format.JSON:
        show.document(
            "log", {"verified": verify, "records": [_document(record) for record in reversed(records[-limit:])]}
        )
        return
    if not records:
        show.line("Nothing was applied yet: rem apply")
    for record in reversed(records[-limit:]):
        number = f"generation {record.generation} " if record.generation is not None else ""
        show.line(
            f"{show.when(record.at)}  ", (record.commit[:7], "cyan"), f"  {record.action} ", (number, "bold"),
            f"{record.outcome}, {record.who}, {show.age(now - record.at)} ago",
        )  # fmt: skip
        if record.why:
            show.line((f"    {record.why}", "dim"))
        for host, ended in record.hosts.items():
            if ended not in ("ok", "unchanged"):
                show.line((f"    {host}: {ended}", "dim"))
        if record.signer:
            show.line((f"    signed by {record.signer}", "dim"))
    if verify:
        show.line(
            ("verified:", "green"), f" {show.counted(len(records), 'line')}, each holds the hash of the one before"
        )


def _document(record: Record) -> dict[str, object]:
    return asdict(record) | {"at": show.instant(record.at)}
