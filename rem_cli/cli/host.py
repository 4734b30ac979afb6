"""`rem host`: the inventory, whether hosts answer, and the trust in their keys."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import live, options, runs, show
from rem_cli.cli.person import who
from rem_cli.errors import Status, UsageError
from rem_cli.jobs import documents
from rem_cli.wire import reaching

app = root.group("The machines that packages name.")

Selector = Annotated[str, typer.Argument(metavar="SELECTOR", help="As in web*,!web3,@group,tag=db.")]
Tree = Annotated[bool, typer.Option("--tree", help="The work tree instead of the active generation.")]


@app.callback()
def host() -> None:
    """The machines that packages name."""


@app.command(name="list")
def list_(selector: Selector = "*", tree: Tree = False, format: options.AsFormat = options.Format.TEXT) -> None:
    """List hosts, with where each is reached."""
    with wire.open() as rem:
        source = rem.work_tree_source() if tree else rem.active_source()
        found = source.hosts(selector)
        layers = {host.path: " ".join(source.catalog.item(host.path).layers.values()) for host in found}
    if format is options.Format.JSON:
        rows = [{"host": h.name, "path": h.path, "address": h.address, "port": h.port, "user": h.user} for h in found]
        show.document("hosts", {"hosts": rows})
        return
    table = []
    for one in found:
        where = "this machine" if one.local else one.address + (f":{one.port}" if one.port else "")
        table.append((one.name, layers[one.path], where, one.path))
    show.table(("host", "groups", "reached at", "path"), table, ("bold",))


@app.command()
def check(selector: Selector = "*", tree: Tree = False, format: options.AsFormat = options.Format.TEXT) -> int:
    """Log in on every host and run nothing but `true`: who answers, and what is wrong with who does not."""
    with wire.open() as rem:
        source = rem.work_tree_source() if tree else rem.active_source()
        found = source.hosts(selector)
        with live.stopping() as stop, live.Face(len(found), enabled=format is options.Format.TEXT) as face:
            done = reaching.check(rem, source, found, stop=stop, listen=face.hear, who=who())
        outputs = rem.records.gather(done.id)
    if format is options.Format.JSON:
        show.document("run", documents.whole(done, outputs))
    else:
        runs.result(done, outputs, most=runs.LINES)
    return done.status if done.status is not None else Status.FAILED


@app.command()
def trust(
    selector: Selector,
    tree: Tree = False,
    fingerprint: Annotated[
        str | None, typer.Option(metavar="SHA256:…", help="Trust this key only, without asking.")
    ] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Show the key that a host has now, and after a yes write it to REM's own known_hosts.

    Compare the fingerprint with one that you know from elsewhere: `ssh-keygen -lf` on the host's console tells it.
    """
    with wire.open() as rem:
        source = rem.work_tree_source() if tree else rem.active_source()
        trusted = []
        for one in [host for host in source.hosts(selector) if not host.local]:
            key = reaching.host_key(rem, one)
            show.note((one.name, "bold"), f" is {key.name} and shows {key.kind} ", (key.fingerprint, "cyan"))
            if _agreed(key.fingerprint, fingerprint):
                reaching.trust(rem, key)
                trusted.append({"host": one.name, "kind": key.kind, "fingerprint": key.fingerprint})
    if format is options.Format.JSON:
        show.document("trust", {"trusted": trusted, "file": str(rem.settings.known_hosts)})
    elif trusted:
        names = ", ".join(row["host"] for row in trusted)
        show.line("trusted ", (names, "bold"), f" in {rem.settings.known_hosts}")
    else:
        show.line("nothing was written")
    return Status.DONE if trusted else Status.UNTRUSTED


def _agreed(shown: str, wanted: str | None) -> bool:
    if wanted is not None:
        return wanted == shown
    if not sys.stdin.isatty():
        raise UsageError("the key is not confirmed", hint=f"--fingerprint {shown}, if that is the host's")
    return typer.confirm("Is that the host's key?", err=True)
