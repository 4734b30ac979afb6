"""What `rem --help` says of a command is what the command says of itself."""

from __future__ import annotations

import pytest

from rem_cli.cli.app import COMMANDS
from rem_cli.cli.commands import walk

_TEXTS = {command.path[0]: command.text for command in walk() if len(command.path) == 1}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_a_command_is_its_first_line(name: str) -> None:
    assert COMMANDS[name][1] == _TEXTS[name].split("\n")[0]
