"""How long are a server's certificates good, and are they to be trusted."""

from __future__ import annotations

from rem_cli.collect import Conversation, Reading, Target
from rem_cli.reach.asks import Shake, Shaken
from rem_cli.reach.certificates import not_after

DAY = 86400.0


def collect(target: Target) -> Conversation:
    """The days are those of the certificate of its whole chain that ends first, also where it has ended already."""
    name = target.text("name") or ("" if target.address[-1:].isdigit() or ":" in target.address else target.address)
    answer: Shaken = yield Shake(target.address, target.count("port", 443), name, target.timeout)
    values = {
        "duration": answer.connect + answer.seconds,
        "connect ms": answer.connect * 1000,
        "tls ms": answer.seconds * 1000,
    }
    if answer.chain:
        values["certificate days"] = (min(map(not_after, answer.chain)) - target.now) / DAY
    return Reading(values, up=not answer.trusted, why=answer.trusted)
