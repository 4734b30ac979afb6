"""`rem plugins`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rem_cli import __version__, settings, wire
from rem_cli import plugins as own
from rem_cli.cli import options, show
from rem_cli.language.types import Type
from rem_cli.plugins.found import Plugin, State, others

_SIGNS = {State.ON: ("ok", "green"), State.NOT_ALLOWED: ("blind", "yellow"), State.FAILED: ("bad", "red")}


def plugins(format: options.AsFormat = options.Format.TEXT) -> None:
    """List what brings types with code: REM itself, and installed distributions; which of them are on, and why not."""
    found = listed()
    if format is options.Format.JSON:
        show.document("plugins", {"plugins": [_told(plugin) for plugin in found]})
        return
    for plugin in found:
        sign, style = _SIGNS[plugin.state]
        brings = f"types: {', '.join(plugin.brings)}" if plugin.brings else ""
        about = "; ".join(part for part in (brings, str(plugin.state)) if part)
        name = f" {plugin.name} {plugin.version}".rstrip()
        show.line((show.glyph(sign), style), f"{name}  ", (about, "dim"))
        if plugin.why:
            show.line(f"    {plugin.why}")
    if any(plugin.state is State.NOT_ALLOWED for plugin in found):
        show.hint('plugins = ["NAME"] in ~/.config/rem/config.toml allows one to run its code as you')


def listed() -> list[Plugin]:
    """REM's own, those that the operator names, and those that are installed but not named."""
    allowed = settings.current().plugins
    with wire.open() as rem:
        known = rem.base.types.known
        named = [_without_taken(plugin, known) for plugin in rem.plugins]
    ours = Plugin("rem-cli", __version__, State.ON, tuple(sorted(own.OWN)))
    return [ours, *named, *others(allowed)]


def _without_taken(plugin: Plugin, known: Mapping[str, Type]) -> Plugin:
    """A plug-in with a type whose name is taken has failed in that."""
    taken = [type.name for type in plugin.types if known.get(type.name) is not type]
    problems = [*([plugin.why] if plugin.why else []), *(f"{name}: there is a type of that name" for name in taken)]
    return replace(plugin, state=State.FAILED, why="; ".join(problems)) if taken else plugin


def _told(plugin: Plugin) -> dict[str, object]:
    return {
        "name": plugin.name,
        "version": plugin.version or None,
        "state": str(plugin.state),
        "types": list(plugin.brings),
        "why": plugin.why or None,
    }
