"""Numbers for other stores: names as they write them, and samples as bytes; nothing here sends."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[^A-Za-z0-9_-]")


def dotted(series: str, prefix: str = "") -> str:
    """`shop.jobs.web.load.web01.users`: every other letter in a part becomes `_`, so that its dots part nothing."""
    parts = [*filter(None, [prefix.strip(".")]), *(_OTHER.sub("_", part) for part in series.split("/"))]
    return ".".join(parts)


def labels(series: str, prefix: str = "") -> list[tuple[str, str]]:
    """`users{host="web01",job="shop/jobs/web/load"}`, in the order of names, as remote write wants it."""
    job, _, measure = series.rpartition("/")
    job, _, host = job.rpartition("/")
    name = re.sub(r"[^A-Za-z0-9_:]", "_", f"{prefix}_{measure}" if prefix else measure)
    named = f"_{name}" if name[:1].isdigit() else name
    return (
        sorted({"__name__": named, "host": host, "job": job}.items()) if host else [("__name__", named), ("job", job)]
    )
