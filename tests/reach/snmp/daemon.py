"""net-snmp's agent on a port of its own, with users of version 3."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

CONFIG = """\
[snmp] serverRecvBuf 4000000
agentAddress udp:{address}:{port}
rocommunity public default
sysName the agent
createUser rem SHA authpass123 AES privpass123
createUser rem256 SHA-256 authpass123 AES privpass123
createUser old SHA authpass123 DES privpass123
createUser plain
rouser rem auth
rouser rem256 priv
rouser old priv
rouser plain noauth
"""


class Daemon:
    """One snmpd, which answers as soon as the block begins."""

    address = "127.0.0.1"

    def __init__(self, folder: Path, *, everywhere: bool = False) -> None:
        """`everywhere`: on all of 127.0.0.0/8, as one agent."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind((self.address, 0))
            self.port = int(free.getsockname()[1])
        config = folder / "snmpd.conf"
        config.write_text(CONFIG.format(address="0.0.0.0" if everywhere else self.address, port=self.port))
        program = shutil.which("snmpd", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "apt-get install snmpd"
        environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "kept"), "MIBS": ""}
        self._words = [program, "-f", "-Lf", str(folder / "log"), "-C", "-c", str(config)]
        self._environment = environment
        self._log = folder / "log"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._words, env=self._environment, stdin=subprocess.DEVNULL)
        for _ in range(500):
            if self._log.exists() and "NET-SNMP version" in self._log.read_text():
                return self
            time.sleep(0.02)
        raise AssertionError(self._log.read_text())

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait()
