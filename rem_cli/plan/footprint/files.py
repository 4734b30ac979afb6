"""The kind `file`: one whole regular file; its bytes stand in the package, in a file beside it, or in a template."""

from __future__ import annotations

from collections.abc import Iterator

from rem_cli.errors import UsageError
from rem_cli.language import Item, Value
from rem_cli.plan.footprint import Content, Kind, Machine, Object

PROCESS = "builtin files"


def objects(item: Item, machine: Machine, content: Content) -> Iterator[Object]:
    """The file that an item of the section `files` wants on one of its hosts."""
    said = item.fields
    check = said.get("check")
    yield Object(
        kind="file",
        path=str(said["path"]),
        item=item.path,
        content=_bytes(item, machine, content),
        mode=int(str(said.get("mode") or "0644"), 8),
        owner=str(said.get("owner") or ""),
        group=str(said.get("group") or ""),
        check=tuple(str(word) for word in check) if isinstance(check, list) else (),
        keep=bool(said.get("keep")),
        accepted_until=str(said.get("accept drift until") or ""),
        accepted_why=str(said.get("accept drift why") or ""),
    )


def _bytes(item: Item, machine: Machine, content: Content) -> bytes:
    said = item.fields
    if said.get("template") is not None:
        return content.render(str(said["template"]), _values(item, machine))
    if said.get("source") is not None:
        return content.file(str(said["source"]))
    if said.get("content") is not None:
        return str(said["content"]).encode()
    raise UsageError(f"{item.path} has no content", hint="write content:, source: or template:")


def _values(item: Item, machine: Machine) -> dict[str, Value]:
    """What a template is given: the layers and fields of the host, and over them what the item says.

    Names are as a template can write them, `time_zone`.
    """
    host = machine.item
    given: dict[str, Value] = {"name": machine.target.name, "address": machine.target.address}
    for told in (host.layers, host.fields) if host is not None else ():
        given |= {name: value for name, value in told.items() if value is not None}
    values = item.fields.get("values")
    given |= values if isinstance(values, dict) else {}
    return {name.replace(" ", "_").replace("-", "_"): value for name, value in given.items()}


KIND = Kind(PROCESS, objects)
