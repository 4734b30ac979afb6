"""Can a retention be kept in one Whisper file?"""

from __future__ import annotations

from rem_cli.series import Retention

HEADER_BYTES = 16  # of a Whisper file, before its archives
ARCHIVE_BYTES = 12  # of header for each archive
POINT_BYTES = 12  # u32 time, f64 value
LARGEST_FILE = 2**32 - 1  # bytes: the format's offsets are 32 bits
LONGEST_SPAN = 2**32 - 1  # seconds: so are its times


def file_bytes(retention: Retention) -> int:
    """The size of the file, in bytes; it never grows."""
    slots = sum(archive.points for archive in retention.archives)
    return HEADER_BYTES + ARCHIVE_BYTES * len(retention.archives) + POINT_BYTES * slots


def check_retention(retention: Retention) -> list[str]:
    """What is wrong with a retention, a sentence each; empty when it can be kept.

    The rules are those of the Whisper format: archives from fine to coarse, each step a multiple of the one before,
    each span longer than the one before, enough points in each to make one of the next, and a file below 4 GiB.
    """
    if not retention.archives:
        return ["a retention needs at least one archive"]
    problems = [problem for archive in retention.archives for problem in _alone(archive.step, archive.span)]
    if problems:
        return problems  # the comparisons below would divide by zero
    for fine, coarse in zip(retention.archives, retention.archives[1:], strict=False):
        if coarse.step <= fine.step:
            problems.append(f"archives go from fine to coarse: a step of {coarse.step} s comes after {fine.step} s")
        elif coarse.step % fine.step:
            problems.append(f"a step of {coarse.step} s is not a multiple of {fine.step} s")
        if coarse.span <= fine.span:
            problems.append(
                f"each archive reaches further back than the one before: {coarse.span} s comes after {fine.span} s"
            )
        if fine.span < coarse.step:
            problems.append(f"{fine.span} s of {fine.step} s do not fill one step of {coarse.step} s")
    if file_bytes(retention) > LARGEST_FILE:
        problems.append(f"the file would have {file_bytes(retention):,} bytes; Whisper ends at {LARGEST_FILE:,}")
    return problems


def _alone(step: int, span: int) -> list[str]:
    if step < 1:
        return [f"a step is at least 1 s, not {step} s"]
    if span % step:
        return [f"a span of {span} s is not a multiple of its step of {step} s"]
    if span // step < 2:
        return [f"a span of {span} s holds fewer than two steps of {step} s"]
    if span > LONGEST_SPAN:
        return [f"a span of {span} s is longer than the {LONGEST_SPAN} s that Whisper can tell apart"]
    return []
