"""What is left in a Whisper file that came to harm, and what is wrong with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rem_cli.series.archive import HEADER, RING, SLOT, Layout, NotWholeError, Ring, layout_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Slots = NDArray[np.void]

AHEAD = 60  # seconds that a value may be ahead of the clock
Rings = list[dict[int, float]]  # what each ring holds, finest first


def layout_in(data: bytes) -> Layout | None:
    """What a file's header says, whatever became of the rest; None when it makes no sense."""
    if len(data) < HEADER.size:
        return None
    length = HEADER.size + RING.size * int.from_bytes(data[12:16])
    try:
        return layout_of(data[:length]) if HEADER.size < length <= len(data) else None
    except NotWholeError:
        return None


def problems(data: bytes) -> list[str]:
    """What is wrong with a file, a phrase each that completes "the file …"; empty for a whole one."""
    layout = layout_in(data)
    if layout is None:
        return ["has a header that makes no sense"]
    if len(data) != layout.bytes:
        return [f"has {len(data):,} bytes where its header says {layout.bytes:,}"]
    said = []
    for ring in layout.rings:
        slots = _slots(data, ring)
        base = int(slots["at"][0])
        strange = int(((slots["at"] != 0) & (~_fit(slots, ring, base) | (base == 0))).sum())
        if base % ring.step:
            said.append(f"has a damaged first value in its archive of {ring.step} s")
        elif strange:
            said.append(f"has {strange} values out of their place in its archive of {ring.step} s")
    return said


def readable(data: bytes, layout: Layout, now: int) -> Rings:
    """The values of the newest turn of each ring that stand where most of their ring say they belong.

    None that is ahead of the clock, or from before all that the file could hold now.
    """
    import numpy as np

    rings: Rings = []
    for ring in layout.rings:
        slots = _slots(data, ring)
        at = slots["at"].astype(np.int64)
        there = (at > now - layout.longest) & (at <= now + AHEAD) & (at % ring.step == 0) & ~np.isnan(slots["value"])
        places = np.flatnonzero(there)
        if not len(places):
            rings.append({})
            continue
        turns, counts = np.unique((at[places] // ring.step - places) % ring.slots, return_counts=True)
        good = places[_fit(slots, ring, int(turns[counts.argmax()]) * ring.step)[places]]
        newest = good[at[good] >= ring.oldest(int(at[good].max()))]
        values = slots["value"].astype(np.float64)
        rings.append(dict(sorted(zip(at[newest].tolist(), values[newest].tolist(), strict=True))))
    return rings


def _slots(data: bytes, ring: Ring) -> Slots:
    import numpy as np

    part = data[ring.offset : ring.offset + ring.slots * SLOT.size]
    whole = part[: len(part) - len(part) % SLOT.size]
    return np.frombuffer(whole, np.dtype([("at", ">u4"), ("value", ">f8")]))


def _fit(slots: Slots, ring: Ring, base: int) -> NDArray[np.bool_]:
    """Which slots hold a time that belongs where they are."""
    import numpy as np

    at = slots["at"].astype(np.int64)
    return np.asarray((at % ring.step == 0) & ((at - base) // ring.step % ring.slots == np.arange(len(slots))))
