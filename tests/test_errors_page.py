"""docs/errors.md says what the tests say, and what the records of other tools say."""

from __future__ import annotations

import json

from benchmarks import errors


def test_the_page_is_made_of_the_tests_and_the_records() -> None:
    """Written again by `python -m benchmarks.errors`."""
    assert errors.PAGE.read_text() == errors.page(json.loads(errors.RECORDS.read_text()))


def test_every_other_tool_was_asked_about_every_mistake() -> None:
    records = json.loads(errors.RECORDS.read_text())
    names = {peer.name for peer in errors.PEERS}
    assert {mistake: {*said} for mistake, said in records["said"].items()} == dict.fromkeys(errors.mistakes(), names)
    assert {*records["versions"]} == names
