"""The tools that REM is compared with: how each is had, and its words for the same work.

Each lives in a virtual environment of its own, so that none decides another's libraries. All fan out to fifty hosts at
once. Those that start OpenSSH's `ssh` are given curve25519 as key exchange, which is kinder to them than the default.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rem_cli.reach.loopback import Fleet

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rem-benchmarks"
DRIVERS = Path(__file__).parent / "drivers"
AT_ONCE = "50"
QUICK = ["-o", "KexAlgorithms=curve25519-sha256"]


@dataclass(frozen=True)
class Stage:
    """One fleet, the files that tell each tool about it, and a 1 MB file to send."""

    fleet: Fleet
    folder: Path
    payload: Path

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.fleet.hosts

    def write(self) -> None:
        """Inventories in each tool's own form, all for the same hosts."""
        known = f"-o UserKnownHostsFile={self.fleet.known_hosts}"
        (self.folder / "hosts.txt").write_text("\n".join(self.hosts) + "\n")
        (self.folder / "ansible.ini").write_text(
            "[all]\n" + "\n".join(self.hosts) + "\n[all:vars]\n"
            f"ansible_port={self.fleet.port}\nansible_user={self.fleet.user}\n"
            f"ansible_ssh_private_key_file={self.fleet.key}\nansible_ssh_common_args='{known} {' '.join(QUICK)}'\n"
            f"ansible_python_interpreter={Path(sys.executable).resolve()}\n"
        )
        tasks = "".join("    - ansible.builtin.raw: uname -r\n" for _ in range(10))
        (self.folder / "ten.yaml").write_text(f"- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}")
        data = {
            "ssh_port": self.fleet.port,
            "ssh_user": self.fleet.user,
            "ssh_key": str(self.fleet.key),
            "ssh_known_hosts_file": str(self.fleet.known_hosts),
        }
        (self.folder / "inventory.py").write_text(f"hosts = ({list(self.hosts)!r}, {data!r})\n")
        ten = "".join(f"server.shell(name='{n}', commands=['uname -r'])\n" for n in range(10))
        (self.folder / "ten.py").write_text(f"from pyinfra.operations import server\n{ten}")
        put = f"files.put(src={str(self.payload)!r}, dest=f'{self.folder}/sent/pyinfra.{{host.name}}')\n"
        (self.folder / "put.py").write_text(f"from pyinfra import host\nfrom pyinfra.operations import files\n{put}")

    def env(self) -> dict[str, str]:
        """A home of its own for every tool; nothing of whoever runs the benchmark."""
        home = self.folder / "home"
        (home / ".ssh").mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(self.fleet.ssh_config, home / ".ssh" / "config")
        shutil.copyfile(self.fleet.known_hosts, home / ".ssh" / "known_hosts")
        return {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "ANSIBLE_HOME": str(home / ".ansible"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder / "cp"),
            "ANSIBLE_PIPELINING": "1",
        }


Words = Callable[[Stage, Path], list[str]]  # from the stage and the peer's own bin/ to the command


@dataclass(frozen=True)
class Peer:
    name: str
    install: tuple[str, ...]  # by name, from the package index; empty: a program of the system
    program: str
    one: Words
    ten: Words | None = None
    push: Words | None = None
    one_limit: int = 1000  # hosts; with more it takes minutes
    folds: bool = False  # `one` prints what hosts say alike once, and a status of 0 vouches for all of them
    ten_says: str = ""  # what it prints for each of ten commands done; "": what the command printed


def driver(name: str, mode: str) -> Words:
    """A small program of ours on a library that has no command of its own; see drivers/."""

    def words(stage: Stage, where: Path) -> list[str]:
        fleet = stage.fleet
        what = [mode, str(fleet.port), fleet.user, str(fleet.key), str(fleet.known_hosts), AT_ONCE, str(stage.payload)]
        return [
            str(where / "python"),
            str(DRIVERS / f"{name}_fanout.py"),
            *what,
            str(stage.folder / "sent"),
            *stage.hosts,
        ]

    return words


def ansible(*words: str) -> Words:
    return lambda stage, where: [
        *(str(where / "ansible"), "all", "-i", str(stage.folder / "ansible.ini"), "-f", AT_ONCE),
        *(word.format(payload=stage.payload, sent=stage.folder / "sent") for word in words),
    ]


def ansible_ten(stage: Stage, where: Path) -> list[str]:
    inventory, play = stage.folder / "ansible.ini", stage.folder / "ten.yaml"
    return [str(where / "ansible-playbook"), "-v", "-i", str(inventory), "-f", AT_ONCE, str(play)]


def pyinfra(*words: str) -> Words:
    return lambda stage, where: [
        *(str(where / "pyinfra"), "-y", "--parallel", AT_ONCE, str(stage.folder / "inventory.py")),
        *(str(stage.folder / word) if word.endswith(".py") else word for word in words),
    ]


def _clush(stage: Stage, where: Path, *options: str) -> list[str]:
    ssh = ["-F", str(stage.fleet.ssh_config), *QUICK, *options]
    return [str(where / "clush"), "-f", AT_ONCE, "-o", " ".join(ssh), "--hostfile", str(stage.folder / "hosts.txt")]


def clush_one(stage: Stage, where: Path) -> list[str]:
    return [*_clush(stage, where), "uname -r"]


def clush_ten(stage: Stage, where: Path) -> list[str]:
    kept = ["-o ControlMaster=auto", f"-o ControlPath={stage.folder}/cp/%%h", "-o ControlPersist=60"]
    loop = 'for turn in 0 1 2 3 4 5 6 7 8 9; do "$@" || exit; done'
    return ["sh", "-c", loop, "clush", *_clush(stage, where, *kept), "uname -r"]


def clush_push(stage: Stage, where: Path) -> list[str]:
    return [*_clush(stage, where), "--copy", str(stage.payload), "--dest", str(stage.folder / "sent" / "clush")]


def _pssh(stage: Stage, program: str) -> list[str]:
    options = [word for option in ["-F " + str(stage.fleet.ssh_config), " ".join(QUICK)] for word in ("-x", option)]
    return [program, "-h", str(stage.folder / "hosts.txt"), "-p", AT_ONCE, "-t", "60", *options]


def pssh_one(stage: Stage, where: Path) -> list[str]:
    return [*_pssh(stage, "parallel-ssh"), "-i", "uname -r"]


def pssh_push(stage: Stage, where: Path) -> list[str]:
    return [*_pssh(stage, "parallel-scp"), str(stage.payload), str(stage.folder / "sent" / "pssh")]


PEERS = [
    Peer("asyncssh", ("asyncssh",), "python", *(driver("asyncssh", mode) for mode in ("one", "ten", "push"))),
    Peer("parallel-ssh", ("parallel-ssh",), "python", *(driver("pssh", mode) for mode in ("one", "ten", "push"))),
    Peer("pssh", (), "parallel-ssh", pssh_one, None, pssh_push),
    Peer("clush", ("ClusterShell",), "clush", clush_one, clush_ten, clush_push),
    Peer(
        *("pyinfra", ("pyinfra",), "pyinfra"),
        *(pyinfra("exec", "--", "uname", "-r"), pyinfra("ten.py"), pyinfra("put.py")),
        ten_says=" Success\n",
    ),
    Peer("fabric", ("fabric",), "python", *(driver("fabric", mode) for mode in ("one", "ten", "push"))),
    Peer(
        *("ansible raw", ("ansible-core",), "ansible", ansible("-m", "raw", "-a", "uname -r"), ansible_ten),
        ansible("-m", "copy", "-a", "src={payload} dest={sent}/ansible.{{{{inventory_hostname}}}}"),
    ),
    Peer(
        *("ansible command", ("ansible-core",), "ansible", ansible("-m", "command", "-a", "uname -r")),
        one_limit=100,
    ),
]


def where_is(peer: Peer) -> Path | str:
    """The folder of the peer's programs, installing it first; or why it cannot be had."""
    if not peer.install:
        here = str(Path(sys.executable).parent)  # rem, of the environment that runs the benchmark
        found = shutil.which(peer.program, path=f"{here}{os.pathsep}{os.environ['PATH']}")
        return Path(found).parent if found else f"{peer.program} is not installed"
    folder = CACHE / "-".join([*peer.install, f"py{sys.version_info.major}.{sys.version_info.minor}"])
    if not (folder / "whole").exists():
        print(f"installing {peer.name} …", file=sys.stderr)
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
            subprocess.run([*pip, *peer.install], check=True, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            return f"could not be installed: {str(error.stderr).strip().splitlines()[-1]}"
        (folder / "whole").touch()
    return folder / "bin"


def version(peer: Peer, where: Path) -> str:
    """The version of what was measured."""
    if not peer.install:
        said = subprocess.run(
            [str(where / peer.program), "--version"], capture_output=True, text=True, check=False
        ).stdout.split()
        return said[-1] if said else "?"
    ask = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
    said_by = [str(where / "python"), "-c", ask, peer.install[0]]
    return subprocess.run(said_by, capture_output=True, text=True, check=True).stdout.strip()
