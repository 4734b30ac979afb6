"""`rem version`."""

from __future__ import annotations

import platform

from rem_cli import __version__
from rem_cli.cli import options, show


def version(format: options.AsFormat = options.Format.TEXT) -> None:
    """Print REM's version and what it runs on."""
    facts = {"rem": __version__, "python": platform.python_version(), "platform": platform.platform(terse=True)}
    if format is options.Format.JSON:
        show.document("version", facts)
    else:
        show.line(("rem", "bold"), f" {__version__} on Python {facts['python']}, {facts['platform']}")
