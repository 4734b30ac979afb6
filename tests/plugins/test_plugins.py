"""Types of plug-ins: real distributions on the path, allowed by the operator or not, sound or broken."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rem_cli import plugins, shipped
from rem_cli.language.load import read_base
from rem_cli.main import main
from rem_cli.plugins.found import State, allowed, others
from tests.fakes.checkout import Checkout
from tests.fakes.distribution import install

GOOD = """
from rem_cli.language.at import Misfit
from rem_cli.language.types import CodeType

def read(text):
    if not text.isalnum():
        raise ValueError(f"'{text}' is not an account")
    if len(text) < 5:
        raise Misfit(f"'{text}' is short", "write all of it")
    return text.upper()

ACCOUNT = CodeType(read, info="A bank account.", show=str.lower, good=("de12345",), bad=("de-1",))
TEXT = CodeType(str)
NUMBER = 7
ODD = CodeType(lambda text: {text})
FALLS = CodeType(lambda text: text[99])
print("hello")
"""
CHECKED = """\
sections:
  payments:
    grouped indexes: [{index: null, key field: name}]
    fields: {name: {type: label}, to: {type: bank account}}
payments:
  rent: {to: de12345}
  gas: {to: de-12345}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of distributions, on the path for one test."""
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    before = set(sys.modules)
    yield tmp_path / "site"
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Type a command in a repository with CHECKED, as an operator who allows some plug-ins."""
    checkout = Checkout(tmp_path / "shop")
    checkout.write({"packages/shop.yaml": CHECKED})
    monkeypatch.setenv("REM_CONFIG", str(tmp_path / "config.toml"))

    def type(*words: str, allow: tuple[str, ...] = ()) -> tuple[int, str]:
        (tmp_path / "config.toml").write_text(f"plugins = {json.dumps(allow)}\n")
        status = main(["-C", str(checkout.root), *words])
        return int(status), capsys.readouterr().out

    return type


def test_nothing_is_loaded_that_the_operator_does_not_name(here: Path) -> None:
    install(here, "rem-account", "raise SystemExit('I ran')", {"bank-account": "ACCOUNT"})
    found = next(plugin for plugin in others([]) if plugin.name == "rem-account")
    assert (found.version, found.state, found.brings) == ("1.2", State.NOT_ALLOWED, ("bank account",))
    assert allowed([]) == []
    assert "rem_account" not in sys.modules


def test_an_allowed_one_reads_and_shows_values_like_any_type(here: Path, typed: Any) -> None:
    install(here, "rem-account", GOOD, {"bank-account": "ACCOUNT"})
    status, out = typed("validate", allow=("rem-account",))
    assert (status, out.splitlines()[0]) == (4, "packages/shop.yaml:7:13: error 'de-12345' is not an account REM1301")
    assert typed("show", "shop/payments/rent", allow=("Rem_Account",))[1].splitlines() == [
        "shop/payments/rent",
        "  name: rent",
        "  to:   de12345",
    ]
    item = json.loads(typed("show", "shop/payments/rent", "--format", "json", allow=("rem-account",))[1])
    assert item["fields"]["to"] == "DE12345"


def test_its_type_is_unknown_where_it_is_not_allowed(here: Path, typed: Any) -> None:
    install(here, "rem-account", GOOD, {"bank-account": "ACCOUNT"})
    status, out = typed("validate")
    assert (status, out.splitlines()[0]) == (4, "packages/shop.yaml:4:46: error 'bank account' is not a type REM1404")


def test_attack_71_what_a_repository_brings_and_names_is_never_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: Any
) -> None:
    marker = tmp_path / "ran"
    code = f"open({str(marker)!r}, 'w')\nfrom rem_cli.language.types import CodeType\nACCOUNT = CodeType(str)\n"
    install(tmp_path / "shop", "rem-account", code, {"bank-account": "ACCOUNT"})
    named = 'plugins = ["rem-account"]\n'
    for path in (".rem/config.toml", "config.toml", "packages/shop/config.toml", ".config/rem/config.toml"):
        (tmp_path / "shop" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / path).write_text(named)
    (tmp_path / "shop/packages/shop.yaml").write_text(
        CHECKED + "types: {x: {process: rem_account}}\nplugins: [rem-account]\n"
    )
    monkeypatch.chdir(tmp_path / "shop")
    assert typed("validate")[0] == 4
    assert "rem-account" not in typed("plugins")[1]
    assert not marker.exists()


@pytest.mark.parametrize(
    ("source", "value", "why"),
    [
        ("1 / 0", "ACCOUNT", "bank account: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "ACCOUNT", "bank account: SystemExit: 3"),
        ("", "ACCOUNT", "bank account: AttributeError: module 'rem_account' has no attribute 'ACCOUNT'"),
        (GOOD, "NUMBER", "bank account: rem_account:NUMBER is a int, not a CodeType"),
    ],
)
def test_one_that_is_broken_is_told_and_the_rest_works(
    here: Path, typed: Any, source: str, value: str, why: str
) -> None:
    install(here, "rem-account", source, {"bank-account": value})
    allow = ("rem-account",)
    told = next(
        one for one in json.loads(typed("plugins", "--format", "json", allow=allow)[1])["plugins"] if one["why"]
    )
    assert (told["name"], told["state"], told["why"]) == ("rem-account", "failed", why)
    status, out = typed("validate", allow=allow)
    reason = f"plug-in rem-account: {why.removeprefix('bank account: ')}"
    assert (status, out.splitlines()[0]) == (
        0,
        f"packages/shop.yaml:4:46: warning values of 'bank account' are not checked: {reason} REM1343",
    )
    checks = {one["check"]: one for one in json.loads(typed("doctor", "--format", "json", allow=allow)[1])["checks"]}
    assert checks["plug-ins"]["ok"] is False and why in checks["plug-ins"]["told"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("ODD", "the code of 'bank account' made a set of 'de12345', which cannot be kept"),
        ("FALLS", "the code of 'bank account' failed on 'de12345': IndexError: string index out of range"),
    ],
)
def test_one_that_fails_on_a_value_is_a_finding_at_that_value(here: Path, typed: Any, value: str, told: str) -> None:
    install(here, "rem-account", GOOD, {"bank-account": value})
    assert told in typed("validate", allow=("rem-account",))[1].splitlines()[0]


def test_one_that_is_not_installed_or_brings_nothing_has_failed(here: Path) -> None:
    install(here, "rem-empty", "", {})
    assert [(one.name, one.state, one.why) for one in allowed(["rem-missing", "rem-empty"])] == [
        ("rem-missing", State.FAILED, "it is not installed"),
        ("rem-empty", State.FAILED, "it brings nothing: it has no entry points of the group rem.types"),
    ]


def test_no_plug_in_takes_the_place_of_a_type_of_rems(here: Path, typed: Any) -> None:
    install(here, "rem-account", GOOD, {"text": "TEXT", "bank-account": "ACCOUNT"})
    found = allowed(["rem-account"])[0]
    base = read_base(shipped.base_files(), plugins.own(), found.types)
    assert (base.types.known["text"].process, base.types.known["bank account"].process) == ("text", "code")
    told = typed("plugins", allow=("rem-account",))[1].splitlines()
    assert told[1:3] == [
        "× rem-account 1.2  types: bank account, text; failed",
        "    text: there is a type of that name",
    ]


def test_what_a_plug_in_prints_is_no_part_of_the_answer(here: Path, typed: Any) -> None:
    install(here, "rem-account", GOOD, {"bank-account": "ACCOUNT"})
    assert json.loads(typed("plugins", "--format", "json", allow=("rem-account",))[1])["schema"] == "rem.plugins/1"


@pytest.mark.parametrize("setting", ['"rem-account"', "[1]", "true"])
def test_the_setting_is_a_list_of_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], setting: str
) -> None:
    (tmp_path / "config.toml").write_text(f"plugins = {setting}\n")
    monkeypatch.setenv("REM_CONFIG", str(tmp_path / "config.toml"))
    assert main(["plugins"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"rem: plugins from {tmp_path / 'config.toml'} is a list of distributions",
        'hint: plugins = ["rem-iban"]',
    ]
