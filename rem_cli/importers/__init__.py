"""From what a team has to a package of REM: texts in, items and a ledger of every source line out.

Each format is a module with one function, `read(sources, draft)`. It reads the given texts, puts items into the draft
and says of each line what became of it. Nothing of a source is executed, and a secret that stands in one is neither
written nor shown.
"""

from __future__ import annotations

# The word on the command line -> the module below rem_cli.importers.
FORMATS = {
    "ansible-inventory": "ansible",
    "crontab": "crontab",
    "systemd-timers": "systemd",
    "nagios": "nagios",
    "prometheus-rules": "prometheus",
    "ssh-config": "ssh_config",
}
