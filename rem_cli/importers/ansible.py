"""An Ansible inventory, INI or YAML: hosts with how they are reached; groups as group and tags.

A host stands in the first group that names it; every other group that it belongs to, also by `children`, is a tag.
Of the variables REM knows how a host is reached; the rest is listed, and a secret is not even shown.
"""

from __future__ import annotations

import posixpath

from rem_cli.importers import ansible_ini, ansible_yaml
from rem_cli.importers.ansible_model import Inventory, Variable
from rem_cli.importers.draft import Draft, Made
from rem_cli.importers.keys import as_hostname, as_key
from rem_cli.importers.sources import Refused, Sources, Text
from rem_cli.language.telltale import names_secret

_REACHED = {
    "ansible_host": "address",
    "ansible_ssh_host": "address",
    "ansible_port": "port",
    "ansible_ssh_port": "port",
    "ansible_user": "user",
    "ansible_ssh_user": "user",
    "ansible_connection": "reach",
}
_SSH = ("ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "ansible.builtin.paramiko_ssh")
_VARIABLES = ("group_vars", "host_vars")


def read(sources: Sources, draft: Draft) -> None:
    """Read inventories and the group_vars/ and host_vars/ beside them."""
    inventory = Inventory(draft.ledger)
    folders: dict[str, None] = {}
    for text in sources.given:
        draft.ledger.open(text)
        _refuse_script(text)
        is_yaml = text.path.endswith((".yml", ".yaml", ".json")) or text.content.lstrip().startswith(("---", "{"))
        (ansible_yaml.inventory if is_yaml else ansible_ini.inventory)(text, inventory)
        folders[text.folder] = None
    for folder in folders:
        for kind in _VARIABLES:
            _beside(kind, folder, sources, draft, inventory)
    for host in inventory.hosts:
        _host(host, inventory, draft)
    _speak_for_groups(inventory, draft)
    draft.notes.append("A host stands in its first group; its other groups, also by children, are its tags.")
    if inventory.said:
        draft.notes.append("Variables that say how a host is reached became its fields; REM's hosts have no others.")


def _refuse_script(text: Text) -> None:
    if text.content.startswith("#!"):
        hint = "run it yourself: ansible-inventory --list --yaml -i FILE > hosts.yaml, and import that"
        raise Refused(
            "an inventory script would have to be run; an import executes nothing", where=text.name, hint=hint
        )


def _beside(kind: str, folder: str, sources: Sources, draft: Draft, inventory: Inventory) -> None:
    """The files of group_vars/ or host_vars/: NAME, NAME.yml, NAME.yaml, NAME.json, or files below NAME/."""
    root = posixpath.join(folder, kind)
    for path in sources.below(kind, folder):
        parts = posixpath.relpath(path, root).split("/")
        stem, extension = posixpath.splitext(parts[-1])
        name = parts[0] if len(parts) > 1 else stem if extension in (".yml", ".yaml", ".json") else parts[0]
        hidden = any(part.startswith(".") or part.endswith("~") for part in parts)
        if hidden or extension not in ("", ".yml", ".yaml", ".json") or sources.is_read(path):
            continue
        try:
            text = sources.follow(path, folder)
        except Refused as refused:
            draft.notes.append(f"A file of {kind} for {as_key(name)} was not read: {refused.message}.")
            continue
        draft.ledger.open(text)
        ansible_yaml.variables(text, inventory, group=kind == "group_vars", name=name)


def _host(host: str, inventory: Inventory, draft: Draft) -> None:
    node = inventory.hosts[host]
    groups = inventory.groups_of(host)
    first = next((group for group in node.groups if group not in ("all", "ungrouped")), "ungrouped")
    clean = as_hostname(host)
    made = draft.item("hosts", (first, clean), *node.spots)
    made.comments += [text for text in node.comments if text not in made.comments]
    for spot in node.comment_spots:
        draft.ledger.carried(spot, made.path)
    if clean != host or made.keys[-1] != host:
        made.set("title", host)
        if ":" in host:
            made.set("address", host)
        for spot in node.spots:
            why = "is no host name" if clean != host else "is another one's name but for its case"
            draft.ledger.lost(spot, f"'{host}' {why}; it is called '{made.keys[-1]}' here")
    tags = [as_key(group) for group in groups if group not in (first, "all", "ungrouped")]
    winners = inventory.variables_of(host)
    for name, variable in winners.items():
        _variable(name, variable, made, draft)
    if tags:
        made.set("tags", tags, *[spot for group in groups for spot in inventory.groups[group].spots])
    for group in (*groups, "all"):
        for spot in inventory.groups[group].spots:
            draft.ledger.carried(spot, made.path)


def _variable(name: str, variable: Variable, made: Made, draft: Draft) -> None:
    """Give a host a value, or say in the ledger why not."""
    ledger, value = draft.ledger, variable.value
    why = _unfit(name, variable)
    if why is None and name == "ansible_connection":
        if value in _SSH:
            ledger.carried(variable.spot, made.path)
            return
        if value not in ("local", "ansible.builtin.local"):
            why = f"REM reaches hosts by ssh or as local, not by '{value}'"
        value = "local"
    if why is None and _REACHED[name] == "port":
        port = str(value)
        why = None if port.isascii() and port.isdecimal() and len(port) < 9 else f"{name}: '{port}' is no port"
        value = int(port) if why is None else value
    if why is not None:
        ledger.lost(variable.spot, why)
        return
    made.set(_REACHED[name], value if isinstance(value, int) else str(value), variable.spot)
    ledger.carried(variable.spot, made.path)


def _unfit(name: str, variable: Variable) -> str | None:
    """What keeps a variable from being a field of a host."""
    if variable.vaulted:
        return f"{name} is vaulted; where REM needs it, give env:NAME or file:PATH"
    if names_secret(name):
        return f"{name} is a secret; where REM needs it, give env:{as_key(name).upper()} or file:PATH"
    if isinstance(variable.value, str) and ("{{" in variable.value or "{%" in variable.value):
        return f"{name} is a Jinja expression, which an import does not evaluate"
    if name not in _REACHED:
        of = "how Ansible connects" if name.startswith("ansible_") else "a variable for playbooks"
        return f"{name} is {of}; REM's hosts have no such field"
    if isinstance(variable.value, bool) or not isinstance(variable.value, str | int):
        return f"{name} is neither a text nor a whole number"
    return None


def _speak_for_groups(inventory: Inventory, draft: Draft) -> None:
    """Lines of groups that no host is in, and variables that no host takes."""
    for name, group in inventory.groups.items():
        for spot in group.spots:
            if not draft.ledger.spoken_for(spot):
                draft.ledger.lost(spot, f"no host is in the group '{name}'")
    for variable in inventory.said:
        if not draft.ledger.spoken_for(variable.spot):
            why = (
                _unfit(variable.name, variable)
                or "no host takes it: none is in the group, or each has a value that comes first"
            )
            draft.ledger.lost(variable.spot, why)
