"""What a secret looks like: by the name of a value, or by the form of a line."""

from __future__ import annotations

import re

# Names whose values are secrets, wherever they stand; a file's name is none.
_SECRET = re.compile(
    r"(?i)(?!.*(?:file|path|dir)\Z).*(?:pass(?:wd|word|phrase)|secret|token|credential|community|(?:api|access|private)[_-]?key"
    r"|(?<!com)(?<!by)pass\Z|(?:\A|[_-])(?:pw|pwd|psk|key)\Z)"
)
_NAMES = r"(?<!by)(?<!com)(?:pass(?:wd|word|phrase)?|pwd|secret|token|credentials?|(?:api|access|private)[_-]?key)"
_HELD = re.compile(
    rf"(?i){_NAMES}[\w-]{{0,40}}[\"']?\s{{0,3}}[=:]\s{{0,3}}[^\s/~$=:]"  # password=x
    rf"|\s--?[\w-]{{0,40}}{_NAMES}\s{{1,3}}[^\s/~$-]"  # --password x
    r"|://[^\s/@:]{0,100}:[^\s/@]{1,200}@|authorization:|\bbearer\s"  # https://ana:x@host/
    r"|\b(?:mysql\w{0,20}|mariadb[\w-]{0,20}|sshpass)\s(?:.{0,300}\s)?-p\s?[^\s/~$-]"
    r"|\bcheck_(?:snmp|if\w{0,20}|hpjd|traffic)\w{0,20}[\s!](?:.{0,300}[\s!])?-C\s?[^\s/~$-]"  # an SNMP community
    r"|\bcheck_(?:mysql|pgsql|radius|nntp|nt|smtp|ldap)\w{0,20}[\s!](?:.{0,300}[\s!])?-[psP]\s?[^\s/~$0-9-]"
    r"|\bcheck_http\w{0,20}[\s!](?:.{0,300}[\s!])?-[ab]\s?[^\s:/]{1,100}:[^\s/$]"
    r"|\s(?:-u|--user)[\s=]?[^\s:/]{1,100}:[^\s/$]"  # curl -u ana:x
)


def names_secret(name: str) -> bool:
    """Whether what goes by this name is a secret: `db_password`, `API_TOKEN`."""
    return bool(_SECRET.match(name))


def holds_secret(text: str) -> bool:
    """Whether a line of text seems to hold a secret itself: `--password=x`, `https://ana:x@host/`."""
    return bool(_HELD.search(text))
