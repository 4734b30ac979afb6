"""Carbon's protocols: lines of text, and pickle (https://graphite.readthedocs.io/en/latest/feeding-carbon.html)."""

from __future__ import annotations

import math
import pickle
import struct
from collections.abc import Iterable

from rem_cli.series import Sample
from rem_cli.series.sinks import dotted

_MOST = 1000  # samples of one pickle; carbon refuses those above 1 MB


def lines(samples: Iterable[Sample], prefix: str) -> bytes:
    """A line for each: name, value, time. Carbon knows no infinity."""
    told = (f"{dotted(one.series, prefix)} {one.value!r} {one.at}\n" for one in samples if math.isfinite(one.value))
    return "".join(told).encode()


def pickled(samples: Iterable[Sample], prefix: str) -> bytes:
    """Frames of a length and a list of (name, (time, value))."""
    told = [(dotted(one.series, prefix), (one.at, one.value)) for one in samples if math.isfinite(one.value)]
    frames = [pickle.dumps(told[at : at + _MOST], protocol=2) for at in range(0, len(told), _MOST)]
    return b"".join(struct.pack("!L", len(frame)) + frame for frame in frames)
