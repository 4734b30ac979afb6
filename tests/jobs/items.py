"""Items as the catalog hands them over, for the tests of jobs."""

from __future__ import annotations

from collections.abc import Mapping

from rem_cli.language import Item, Value


def host(key: str, layers: Mapping[str, str] | None = None, /, **fields: Value) -> Item:
    """A host as the catalog hands it over."""
    layers = layers if layers is not None else {"group": "web"}
    path = "/".join(["shop", "hosts", *layers.values(), key])
    filled: dict[str, Value] = {
        "name": key, "address": None, "port": None, "user": None, "reach": "ssh", "tags": [], "title": None,
        "info": None, **layers, **fields,
    }  # fmt: skip
    return Item(path, "shop", "hosts", "builtin inventory", key, layers, filled)


def job(key: str = "load", /, **fields: Value) -> Item:
    """A job as the catalog hands it over: a command, unless told otherwise."""
    filled: dict[str, Value] = {
        "name": key, "title": None, "info": None, "script": None, "command": None, "shell": None, "arguments": [],
        "hosts": "*", "workers": 1, "params": {}, "env": {}, "stdin": "none", "timeout": 300.0, "idle timeout": None,
        "grace": 5.0, "parallel": 50, "batch": None, "max fail": None, "result": "none", "graph": [],
        "retention": [[60, 86400]], "aggregate": "average", "group": "web", **fields,
    }  # fmt: skip
    if not any(filled[kind] for kind in ("script", "command", "shell")):
        filled["command"] = ["uname", "-r"]
    return Item(f"shop/jobs/web/{key}", "shop", "jobs", "builtin jobs", key, {"group": "web"}, filled)
