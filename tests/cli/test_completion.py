"""TAB, in a real bash, zsh and fish, in a folder with applied packages; no other program is to be found."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rem_cli.cli import manual
from rem_cli.cli.completion import FILES, Shell, script

NAMES = "inventory\tshop/hosts/web/web01\njobs\tshop/jobs/try/load\njobs\tshop/jobs/my group/it's $HOME\n"
# Each shell is told the words before the cursor; the last is the one that is being typed.
_BASH = """\
source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
compopt() { printf 'files\\n'; }
_rem; printf '%s\\n' "${COMPREPLY[@]}"
"""
_ZSH = """\
compadd() { shift; for one; do [[ $one == ${(Q)words[CURRENT]#$IPREFIX}* ]] && print -r -- $one; done }
compset() { IPREFIX=${words[CURRENT-1]%%=*}=; }
_files() { print files; }
fpath=(${1:h}); autoload -Uz _rem; shift; words=("$@") CURRENT=$#; _rem
"""
_FISH = "source $argv[1]; complete -C (string join -- ' ' $argv[2..-1])"

Press = Callable[..., list[str]]


@pytest.fixture
def press(tmp_path: Path) -> Press:
    """Press TAB in a shell behind some words; what it offers, sorted."""
    (tmp_path / "shop/.rem").mkdir(parents=True)
    (tmp_path / "shop/.rem/names").write_text(NAMES)
    (tmp_path / "shop/packages").mkdir()
    (tmp_path / "nothing").mkdir()

    def pressed(shell: Shell, *words: str, folder: str = "shop/packages") -> list[str]:
        file = tmp_path / FILES[shell]
        file.write_text(script(shell))
        calls = {
            Shell.BASH: ["--noprofile", "--norc", "-c", _BASH, "bash"],
            Shell.ZSH: ["-f", "-c", _ZSH, "zsh"],
            Shell.FISH: ["--no-config", "-c", _FISH],
        }
        program = shutil.which(shell)
        assert program, f"{shell} is not installed"
        done = subprocess.run(
            [program, *calls[shell], str(file), "rem", *words], cwd=tmp_path / folder, text=True, timeout=30,
            env={"PATH": str(tmp_path / "nothing"), "HOME": str(tmp_path)}, capture_output=True, check=False,
        )  # fmt: skip
        assert done.stderr == ""
        return sorted(line.partition("\t")[0] for line in done.stdout.splitlines() if line)

    return pressed


SERIES = ["check", "export", "list", "listen", "query", "repair", "resize", "send", "show"]
CASES: dict[str, tuple[list[str], list[str]]] = {
    "a command": (["ser"], ["series", "serve"]),
    "the commands of a group": (
        ["series", ""],
        SERIES,
    ),
    "behind an option with a value": (
        ["--color", "never", "series", ""],
        SERIES,
    ),
    "an option": (["validate", "--fa"], ["--fail-on"]),
    "the choices of an option": (["status", "--format", ""], ["json", "text"]),
    "the choices where a command has its own": (["series", "export", "--format", ""], ["csv", "json"]),
    "the choices of an option of rem itself": (["--color", "a"], ["always", "auto"]),
    "the choices of an argument": (["completion", ""], ["bash", "fish", "zsh"]),
    "hosts and jobs": (["show", "shop/hosts"], ["shop/hosts/web/web01"]),
    "only jobs": (["job", "run", "shop/jobs/t"], ["shop/jobs/try/load"]),
    "no host where a job is meant": (["job", "run", "shop/h"], []),
    "a repository elsewhere": (["-C", "../../nothing", "job", "run", ""], []),
    "nothing for a time": (["graph", "load", "--last", ""], []),
    "nothing for a parameter, though it begins like a command": (["job", "run", "x", "--param", "sta"], []),
    "a word that is a command elsewhere": (["job", "show", "--"], ["--format", "--help"]),
}


@pytest.mark.parametrize("shell", Shell)
@pytest.mark.parametrize("case", CASES)
def test_tab_offers(case: str, shell: Shell, press: Press) -> None:
    words, offered = CASES[case]
    assert press(shell, *words) == offered


@pytest.mark.parametrize("shell", Shell)
def test_tab_offers_every_command(shell: Shell, press: Press) -> None:
    assert {"init", "validate", "job", "series", "version"} <= set(press(shell, ""))


@pytest.mark.parametrize("shell", [Shell.ZSH, Shell.FISH])
def test_a_path_with_spaces_is_offered_whole(shell: Shell, press: Press) -> None:
    assert press(shell, "job", "run", "shop/jobs/my") == ["shop/jobs/my group/it's $HOME"]


@pytest.mark.parametrize("typed", ["shop/jobs/my", "shop/jobs/my\\ gr"])
def test_bash_gets_a_path_with_spaces_as_it_must_be_typed(typed: str, press: Press) -> None:
    assert press(Shell.BASH, "job", "run", typed) == ["shop/jobs/my\\ group/it\\'s\\ \\$HOME"]


def test_bash_completes_inside_of_quotes(press: Press) -> None:
    assert press(Shell.BASH, "job", "run", '"shop/jobs/my gr') == ["shop/jobs/my group/it's $HOME"]


def test_bash_completes_behind_an_equals_sign_which_it_splits_off(press: Press) -> None:
    assert press(Shell.BASH, "status", "--format", "=") == ["json", "text"]
    assert press(Shell.BASH, "status", "--format", "=", "j") == ["json"]


def test_zsh_completes_behind_an_equals_sign(press: Press) -> None:
    assert press(Shell.ZSH, "status", "--format=j") == ["json"]


@pytest.mark.parametrize("shell", [Shell.BASH, Shell.ZSH])
@pytest.mark.parametrize("words", [["graph", "x", "--out", ""], ["--state", ""], ["init", ""]], ids=" ".join)
def test_a_file_is_left_to_the_shell(words: list[str], shell: Shell, press: Press) -> None:
    assert press(shell, *words) == ["files"]


def test_fish_completes_files_by_itself(press: Press) -> None:
    assert press(Shell.FISH, "graph", "x", "--out", "", folder="shop") == ["packages/"]


@pytest.mark.parametrize("shell", Shell)
def test_tab_outside_of_a_repository_offers_no_item(shell: Shell, press: Press) -> None:
    assert press(shell, "job", "run", "", folder="nothing") == []


@pytest.mark.parametrize("shell", Shell)
def test_an_item_elsewhere_is_found_with_the_repository_option(shell: Shell, press: Press) -> None:
    assert press(shell, "-C", "../shop", "job", "run", "shop/jobs/t", folder="nothing") == ["shop/jobs/try/load"]


def test_man_pages_and_completions_are_what_the_commands_say() -> None:
    assert manual.main(["--check"]) == 0


@pytest.mark.parametrize("name", [name for name in manual.files() if name.startswith("man/")])
def test_a_man_page_is_plain_roff(name: str) -> None:
    page = manual.files()[name]
    assert page.isascii()
    assert [line for line in page.splitlines() if line.startswith("'") or line.endswith("\\")] == []
