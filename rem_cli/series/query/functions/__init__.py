"""The functions by what they do; importing this makes all of them known."""

from rem_cli.series.query.functions import change, choose, combine, moving, names

__all__ = ["change", "choose", "combine", "moving", "names"]
