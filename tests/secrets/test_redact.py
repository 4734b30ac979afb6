"""Secrets in texts: found in every form in which programs print them, however the text is cut, folded and coloured."""

from __future__ import annotations

import base64
import json
import shlex
import textwrap
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rem_cli.secrets import Secret
from rem_cli.secrets.redact import Redactor

VALUE = "hun'ter 22/zwölf+%"
BYTES = VALUE.encode()
HIDDEN = "[secret DB]"
PRINTED = {
    "plain": VALUE,
    "backwards": VALUE[::-1],
    "base64": base64.b64encode(BYTES).decode(),
    "base64 behind one byte": base64.b64encode(b":" + BYTES).decode(),
    "base64 behind two bytes": base64.b64encode(b"a:" + BYTES).decode(),
    "base64 behind three bytes": base64.b64encode(b"ab:" + BYTES + b"\n").decode(),
    "base64 for addresses": base64.urlsafe_b64encode(b"ana:" + BYTES).decode(),
    "base64 in lines": base64.encodebytes(b"x" * 40 + BYTES * 3).decode(),
    "hexadecimal": BYTES.hex(),
    "HEXADECIMAL": BYTES.hex().upper(),
    "an address": f"https://ana:{quote(VALUE, safe='')}@db.example/",
    "a path": quote(VALUE),
    "small letters in an address": quote(VALUE, safe="").replace("%C3%B6", "%c3%b6").lower(),
    "a form": f"password={quote_plus(VALUE)}&x=1",
    "JSON": json.dumps({"password": VALUE}),
    "JSON with all letters": json.dumps({"password": VALUE}, ensure_ascii=False),
    "JSON in JSON": json.dumps(json.dumps({"password": VALUE})),
    "PHP's JSON": json.dumps(VALUE).replace("/", "\\/"),
    "Python": repr({"password": VALUE}),
    "Python's bytes": repr(BYTES),
    "an exception": f"ValueError: could not log in as {VALUE!r}",
    "a shell": shlex.quote(VALUE),
    "a shell that traces": "+ PGPASSWORD='hun'\\''ter 22/zwölf+%' psql",
    "printf %q": "hun\\'ter\\ 22/zwölf+%",
    "HTML": "&lt;b&gt;hun&#x27;ter 22/zwölf+%",
    "folded": "\n".join(textwrap.wrap(VALUE.replace(" ", "·"), 5)).replace("·", " "),
    "one sign a line": "\n".join(VALUE),
    "lines of Windows": "\r\n".join([VALUE[:3], VALUE[3:]]),
    "coloured": f"hun\x1b[01;31m'ter\x1b[0m{VALUE[7:]}",
    "with a title": f"hun\x1b]0;title\x07{VALUE[3:]}",
}


@pytest.fixture
def redactor() -> Redactor:
    return Redactor([Secret("DB", BYTES)])


@pytest.mark.parametrize("form", PRINTED)
def test_a_form_is_found(form: str, redactor: Redactor) -> None:
    told = redactor.text(f"before {PRINTED[form]} behind")
    assert HIDDEN in told
    assert (told.startswith("before "), told.endswith(" behind")) == (True, True)
    assert all(piece not in told for piece in ("22", "zw", "nuh", "7a77", "enw"))


@pytest.mark.parametrize("form", PRINTED)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_form_is_found_in_pieces(form: str, size: int, redactor: Redactor) -> None:
    data = f"before {PRINTED[form]} behind\n".encode()
    stream = redactor.stream()
    told = [stream.feed(data[at : at + size]) for at in range(0, len(data), size)]
    assert b"".join([*told, stream.close()]) == redactor.data(data)


ALPHABET = st.sampled_from(
    ["h", "u", "n", "t", "e", "r", "2", "\n", "\x1b[1m", "\x1b", "\x1b]0;", "\x07", "xyz", "hunter", "hunter22"]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(ALPHABET, max_size=40), st.lists(st.integers(0, 120), max_size=12))
@example(["hun", "\n", "ter2", "2"], [4])
@example(["\x1b[1m", "hunter22"], [5])
@example(["\x1b]0;", "hunter22"], [8])
def test_pieces_say_what_the_whole_says(words: list[str], cuts: list[int]) -> None:
    data = "".join(words).encode()
    redactor = Redactor([Secret("A", b"hunter22"), Secret("B", b"r22xyzxyz")])
    whole = redactor.data(data)
    stream = redactor.stream()
    ends = [*sorted(cuts), len(data)]
    told = b"".join(stream.feed(data[start:end]) for start, end in zip([0, *ends], ends, strict=False)) + stream.close()
    assert told == whole or b"[secret " in told  # a beginning at the very end is hidden as well
    for value in (b"hunter22", b"r22xyzxyz"):
        for text in (told, whole):
            assert value not in text.replace(b"\n", b"").replace(b"\x1b[1m", b"")


@settings(deadline=None)
@given(st.binary(min_size=8, max_size=60).filter(lambda value: len(value.strip()) > 7), st.binary(max_size=80))
def test_any_bytes_are_found_in_any_bytes(value: bytes, around: bytes) -> None:
    redactor = Redactor([Secret("ANY", value)])
    data = around + b" " + value + b" " + around
    assert value.strip() not in redactor.data(data)
    assert value.hex().encode() not in redactor.data(data.hex().encode() + b" " + value.hex().encode())


def test_what_is_no_secret_stays_as_it_is(redactor: Redactor) -> None:
    text = "hun'ter 21/zwölf, hunter, \x1b[31mhun\x1b[0m\r\n\tÄ\x85 22/zwölf"
    assert redactor.text(text) == text


def test_a_line_waits_only_where_it_may_be_the_beginning_of_a_secret(redactor: Redactor) -> None:
    stream = redactor.stream()
    assert stream.feed(b"ready.\n") == b"ready.\n"
    assert stream.feed(b"hun") == b""
    assert stream.feed(b"gry\n") == b"hungry\n"


def test_most_of_a_secret_at_the_end_is_hidden(redactor: Redactor) -> None:
    stream = redactor.stream()
    assert stream.feed(b"it is hun'ter 22/z") + stream.close() == b"it is [secret DB]"
    stream = redactor.stream()
    assert stream.feed(b"it is hun") + stream.close() == b"it is hun"


def test_secrets_in_each_other_leave_nothing_of_either() -> None:
    redactor = Redactor(
        [Secret("SHORT", b"abcdefgh"), Secret("LONG", b"abcdefgh-prod"), Secret("BESIDE", b"fgh-prod-xyz")]
    )
    assert redactor.text("abcdefgh abcdefgh-prod abcdefgh-prod-xyz.") == "[secret SHORT] [secret LONG] [secret LONG]."


def test_the_lines_of_a_key_are_found_by_themselves() -> None:
    key = "-----BEGIN KEY-----\nMIIBVgIBADANBgkq\n  hkiG9w0BAQEFAASC\n}\n-----END KEY-----\n"
    redactor = Redactor([Secret("KEY", key.encode())])
    assert redactor.text("grep: hkiG9w0BAQEFAASC, }, MIIBVgIBADANBgkq") == "grep: [secret KEY], }, [secret KEY]"
    assert redactor.text(key) == "[secret KEY]\n"


def test_the_password_of_an_address_is_found_by_itself() -> None:
    redactor = Redactor([Secret("URL", b"postgres://ana:s3cr3t-pw@db.example/shop")])
    told = redactor.text("no login for ana with s3cr3t-pw at db.example")
    assert told == "no login for ana with [secret URL] at db.example"


def test_a_secret_tells_itself_to_nobody() -> None:
    secret = Secret("DB", BYTES)
    assert [repr(secret), str(secret), f"{secret!r} {secret}"] == ["[secret DB]"] * 2 + ["[secret DB] [secret DB]"]
    with pytest.raises(TypeError):
        secret.__reduce__()


def test_lines_without_end_are_not_kept() -> None:
    redactor = Redactor([Secret("DB", b"hunter22-abc")])
    stream = redactor.stream()
    told = stream.feed(b"h" + b"\n" * 100_000)
    assert len(told) > 90_000
