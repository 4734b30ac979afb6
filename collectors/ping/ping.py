"""Is a machine there, and how far away: echoes of ICMP."""

from __future__ import annotations

from rem_cli.collect import Conversation, Reading, Target
from rem_cli.reach.asks import Echo

PACKETS = 3


def collect(target: Target) -> Conversation:
    """It is up when one echo of all comes back."""
    echoes = yield Echo(target.address, target.count("packets", PACKETS), target.timeout)
    times = [seconds * 1000 for seconds in echoes.times if seconds is not None]
    lost = 100 * (1 - len(times) / len(echoes.times))
    if not times:
        return Reading({}, up=False, why=f"no echo in {target.timeout:g} s", lost=lost)
    return Reading(
        {"rtt ms": sum(times) / len(times), "rtt least ms": min(times), "rtt most ms": max(times)}, lost=lost
    )
