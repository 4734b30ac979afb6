"""`rem explain`: pages in a terminal."""

from __future__ import annotations

import pytest

from rem_cli import shipped
from tests.cli.conftest import Repository

TOLD = """\
REM1310  A command is a list of arguments

A command reaches the host argument by argument and no shell reads it, so a blank or a `;` in an
argument stays what it is. One text would have to be taken apart by rules that nobody remembers.
What really needs a shell (pipes, `&&`) goes under `shell`, where reviewers see it.

Wrong:

    jobs:
      web:
        restart: {command: systemctl restart nginx}

Right:

    jobs:
      web:
        restart: {command: [systemctl, restart, nginx]}
"""


@pytest.mark.parametrize("typed", ["REM1310", "rem1310", "1310"])
def test_a_page_is_printed_plainly(typed: str, empty: Repository) -> None:
    assert empty.rem("explain", typed).out == TOLD


def test_in_colour_words_of_code_need_no_marks(empty: Repository) -> None:
    said = empty.rem("--color", "always", "explain", "1310").out
    assert ("`" in said, "\x1b[36m&&\x1b[0m" in said, "\x1b[1mWrong:\x1b[0m" in said) == (False, True, True)


def test_an_id_that_is_not_there_names_the_nearest(empty: Repository) -> None:
    told = empty.rem("explain", "REM1390")
    assert (told.status, told.out, told.err) == (
        9,
        "",
        "rem: there is no finding 'REM1390'\nhint: did you mean REM1310, 'A command is a list of arguments'?\n",
    )
    assert empty.rem("explain", "nothing").err == "rem: there is no finding 'nothing'\nhint: rem explain\n"


def test_without_an_id_all_are_listed_by_their_titles(empty: Repository) -> None:
    rows = empty.rem("explain").out.splitlines()
    assert rows == [f"{page.id}  {page.title}" for page in shipped.finding_pages().values()]
