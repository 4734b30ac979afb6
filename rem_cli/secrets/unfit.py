"""Values that cannot be kept out of outputs: looking for them would hide what has nothing to do with them."""

from __future__ import annotations

from rem_cli.secrets import Secret, SecretError

LEAST = 6  # characters
_VARIED = 4  # different characters
# Words that people take for passwords, and words that stand in every output.
_COMMON = """
access account active address admin admin123 administrator changed changeme connected critical database debug default
disabled docker enabled error example failed failure false finished guest guest123 health healthy hello hostname hunter
information internal letmein letmein1 localhost manager master message missing monitor mysql network nothing oracle
passwd password password1 password123 postgres postgresql private prod production program public redis refused request
response result running sample secret secrets server service shadow staging started status stderr stdout stopped success
system testing timeout unknown unreachable username version warning warnings welcome welcome1 123456 1234567 12345678
123456789 1234567890 abc123 abcdef iloveyou passw0rd p@ssw0rd qwerty qwerty123 qwertz trustno1
"""
_WORDS = frozenset(_COMMON.split())


def check(secret: Secret, reference: str) -> None:
    """SecretError when a value is empty, short, or a word that is found everywhere. The message does not tell it."""
    text = secret.value.strip().decode(errors="replace")
    if not text:
        why = "it is empty"
    elif len(text) < LEAST:
        why = f"it has fewer than {LEAST} characters, and such a text is found everywhere"
    elif len(set(text)) < _VARIED:
        why = f"it has fewer than {_VARIED} different characters, and such a text is found everywhere"
    elif text.casefold() in _WORDS or text.casefold() == secret.name.casefold():
        why = "it is a common word, and outputs are full of those"
    else:
        return
    what = f"what {reference} holds cannot be the secret {secret.name}: {why}"
    raise SecretError(what, hint="give it a value that nobody would guess: openssl rand -base64 24")
