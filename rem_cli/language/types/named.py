"""Texts of one form: names of hosts and people, addresses, modes, references to secrets."""

from __future__ import annotations

from rem_cli.language.types.type import Matching

_PART = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = rf"(?=.{{1,253}}\Z){_PART}(\.{_PART})*\.?"
_IP6 = r"[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9_.-]{1,15})?"

hostname = Matching(_HOST, "a host name", "letters, digits, '-' and '.', like web01.example.org")
address = Matching(f"({_HOST})|({_IP6})", "an address", "like 192.0.2.11, 2001:db8::1 or web01.example.org")
login = Matching(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}", "a login name", "like root or deploy")
url = Matching(r"https?://[^\s/$.?#][^\s]{0,2000}", "a web address", "like https://shop.example/health")
email = Matching(r"[^@\s]{1,64}@[^@\s]{1,255}", "a mail address", "like ana@example.org")
snmp_oid = Matching(
    r"\.?[0-9]+(\.[0-9]+)*|[A-Za-z][\w-]*(::[A-Za-z][\w-]*)?(\.[0-9]+)*",
    "an SNMP object id",
    "like 1.3.6.1.2.1.1.3.0 or IF-MIB::ifHCInOctets.2",
)
host_selector = Matching(r"[^\s,][^\n]{0,1000}", "a host selector", "like web*,!web3 or @group or tag=db")
share = Matching(r"[0-9]+|([0-9]|[1-9][0-9]|100)%", "a count or a share", "like 3 or 10%")
file_mode = Matching(r"0?[0-7]{3}|[0-7]{4}", "the mode of a file", 'like "0644" or "0750"')
secret = Matching(
    r"(env|file|age):\S.{0,500}",
    "a reference to a secret",
    "never the secret itself: env:NAME, file:PATH or age:PATH",
)
