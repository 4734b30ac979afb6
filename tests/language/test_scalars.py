"""Plain scalars: YAML 1.2 as ruamel.yaml reads it, except where REM keeps what people write as text."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from rem_cli.language.source import read, scalar

# What REM keeps as text and ruamel reads as a number: 0o17, 0x1f, 0644, 1_000, and the sexagesimal of old times.
KEPT_AS_TEXT = re.compile(r"[-+]?0[ox].*|[-+]?0[0-9_]+.*|.*_.*|.*:.*|[-+]?\.[Ii][Nn][Ff]|\.[Nn][Aa][Nn]").fullmatch
# The other way round: `.5e3` is a float by section 10.3.2, and a text to ruamel.
RUAMEL_DIFFERS = re.compile(r"[-+]?\.[0-9]+[eE].*").fullmatch


def _ruamel(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(f"a: {text}\n")["a"]


def _ours(text: str) -> Any:
    source = read("a.yaml", f"a: {text}\n".encode())
    return source.data["a"] if source.data is not None and not source.findings else YAMLError


words = st.one_of(
    st.text("0123456789+-.eExo_:", min_size=1, max_size=8),
    st.sampled_from(
        ["yes", "no", "on", "off", "true", "False", "TRUE", "null", "~", "Null", "0", "-0", "0.0", "1e3", ".5", "5."]
    ),
    st.text("truefalsn ", min_size=1, max_size=6),
)


@settings(derandomize=True, deadline=None, max_examples=1500)
@given(words)
def test_a_plain_scalar_means_what_yaml_1_2_says(text: str) -> None:
    text = text.strip()
    ours = _ours(text) if text else None
    if ours is YAMLError or not text or KEPT_AS_TEXT(text) or RUAMEL_DIFFERS(text):
        return
    theirs = _ruamel(text)
    assert (type(ours), ours) == (type(theirs), theirs)


TEXTS = """
    0o17 0x1f 0644 00 -01 1_000 0b11 1:30 22:22 2026-01-02 2026-01-02T03:04:05Z
    yes no on off y n Yes NO On 1e .e3 + - . .. 1.2.3 NaN nan inf tRUE
"""


@pytest.mark.parametrize("text", TEXTS.split())
def test_what_people_mean_as_text_stays_text(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-5", -5),
        ("+7", 7),
        ("1.10", 1.1),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        (".inf", math.inf),
        ("-.inf", -math.inf),
    ],
)
def test_what_yaml_calls_a_number_or_a_word_is_one(text: str, value: Any) -> None:
    assert (type(scalar(text)), scalar(text)) == (type(value), value)


def test_quotes_make_text_of_anything() -> None:
    source = read("a.yaml", b"""["true", '12', "", 'null', !!str 5]""")
    assert (source.data, source.findings) == (["true", "12", "", "null", "5"], [])
