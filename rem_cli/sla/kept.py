"""The standing of a rule as bytes, for whoever keeps it over a restart."""

from __future__ import annotations

import json
from dataclasses import asdict

from rem_cli.sla import Sight, Standing, State


def encode(one: Standing) -> bytes:
    return json.dumps(asdict(one), separators=(",", ":"), allow_nan=False).encode()


def decode(body: bytes) -> Standing:
    """The same again; what a newer REM added is left out. ValueError for anything else."""
    told = json.loads(body)
    known = {name: told[name] for name in Standing.__dataclass_fields__ if name in told}
    sight = known.get("sight")
    return Standing(**known | {"state": State(known["state"]), "sight": Sight(sight) if sight else None})
