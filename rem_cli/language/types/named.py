"""Texts of one form: names of hosts and people, addresses, modes, references to secrets."""

from __future__ import annotations

import re

from rem_cli.language.at import At, Misfit
from rem_cli.language.types.type import Matching, Type

_PART = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = rf"(?=.{{1,253}}\Z){_PART}(\.{_PART})*\.?"
_IP6 = r"[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9_.-]{1,15})?"

hostname = Matching(_HOST, "a host name", "letters, digits, '-' and '.', like web01.example.org")
address = Matching(f"({_HOST})|({_IP6})", "an address", "like 192.0.2.11, 2001:db8::1 or web01.example.org")
login = Matching(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}", "a login name", "like root or deploy")
email = Matching(r"[^@\s]{1,64}@[^@\s]{1,255}", "a mail address", "like ana@example.org")
snmp_oid = Matching(
    r"\.?[0-9]+(\.[0-9]+)*|[A-Za-z][\w-]*(::[A-Za-z][\w-]*)?(\.[0-9]+)*",
    "an SNMP object id",
    "like 1.3.6.1.2.1.1.3.0 or IF-MIB::ifHCInOctets.2",
)
host_selector = Matching(r"[^\s,][^\n]{0,1000}", "a host selector", "like web*,!web3 or @group or tag=db")
success = Matching(
    r"all|any|quorum|[1-9][0-9]{0,8}|([1-9]|[1-9][0-9]|100)%",
    "a rule of success",
    "all, any, quorum (more than half), or a count or share like 3 or 80%",
)
share = Matching(r"[0-9]+|([0-9]|[1-9][0-9]|100)%", "a count or a share", "like 3 or 10%")
file_mode = Matching(r"0?[0-7]{3}|[0-7]{4}", "the mode of a file", 'like "0644" or "0750"')

_LOGIN = r"https?://[^\s/?#@:]*:[^\s/?#@]+@"
_REFERENCE = (
    r"env:[A-Za-z_][A-Za-z0-9_]{0,200}"
    r"|file:/[^\x00-\x1f\x7f]{1,500}"
    r"|age:[^/~$\\\s\x00-\x1f][^\\\x00-\x1f\x7f]{0,500}"
)
_KINDS = {
    "env": ("the name of a variable", "env:DB_PASSWORD"),
    "file": ("a whole path on this machine", "file:/etc/rem/db"),
    "age": ("the path of an encrypted file beside this one", "age:secrets/db.age"),
}


class _Url(Matching):
    """A web address; one with a password in it is refused, and not repeated."""

    _login = re.compile(_LOGIN)

    def __call__(self, raw: At, type: Type) -> str:
        if isinstance(raw.data, str) and self._login.match(raw.data):
            text = "a password must not stand in an address"
            raise Misfit(text, "take it out; what stood here is known to all who read this: change it", "REM2003")
        return super().__call__(raw, type)


class _Secret(Matching):
    """A reference to a secret. What is none may be the secret itself, which no message holds."""

    def __call__(self, raw: At, type: Type) -> str:
        if isinstance(raw.data, str) and self.pattern.fullmatch(raw.data):
            return super().__call__(raw, type)
        kind = str(raw.data).partition(":")[0]
        if isinstance(raw.data, (list, dict)) or raw.data is None:
            raise Misfit(f"this is {raw.kind}, not a reference to a secret", self.hint, "REM2002")
        if str(raw.data) != kind and kind in _KINDS:
            wanted, like = _KINDS[kind]
            raise Misfit(f"what stands behind '{kind}:' is not {wanted}", f"like {like}", "REM2002")
        raise Misfit(
            "a secret itself must not stand here, only where it is found",
            f"{self.hint}; what stood here is known to all who read this: change that secret",
            "REM2001",
        )


url = _Url(rf"(?!{_LOGIN})https?://[^\s/$.?#][^\s]{{0,2000}}", "a web address", "like https://shop.example/health")
secret = _Secret(_REFERENCE, "a reference to a secret", "env:NAME, file:/PATH or age:PATH")
