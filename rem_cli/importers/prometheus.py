"""Prometheus' rule files: alerting rules with their texts. Recording rules have no counterpart.

What an expression asks is beyond what REM's checks measure, so the alert is carried with its expression as text, and
where that compares one metric with a number, with the words that a service level would say.
"""

from __future__ import annotations

import re

from rem_cli.importers.draft import Comments, Draft, Made
from rem_cli.importers.ledger import Spot, is_comment
from rem_cli.importers.sources import Sources, Text
from rem_cli.language.at import At
from rem_cli.language.source import read as read_yaml
from rem_cli.language.telltale import holds_secret, names_secret

_DURATION = re.compile(r"(\d{1,9}y)?(\d{1,9}w)?(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?(\d{1,9}ms)?", re.ASCII)
_SIMPLE = re.compile(
    r"\s*(?P<metric>[A-Za-z_:][\w:]*)\s*(?:\{[^{}]*\})?\s*(?P<sign>[<>]=?)\s*(?P<limit>-?[0-9]+(?:\.[0-9]+)?)\s*",
    re.ASCII,
)
_BRACES = "what stands in braces is text here; nobody fills it in"
_URGENT = {"critical", "page", "pager", "emergency", "error", "high", "disaster", "p1"}
_RULE = {"alert", "expr", "for", "keep_firing_for", "labels", "annotations"}


def read(sources: Sources, draft: Draft) -> None:
    for text in sources.given:
        draft.ledger.open(text)
        _file(text, draft)
    draft.notes.append("An alert fires by a service level that names it; the package holds none yet.")


def _file(text: Text, draft: Draft) -> None:
    source = read_yaml(text.name, text.content.encode())
    groups = source.data.get("groups") if isinstance(source.data, dict) else None
    if source.findings or not isinstance(groups, list):
        wrong = f"line {source.findings[0].place.line}: {source.findings[0].message}" if source.findings else ""
        for number in range(1, len(text.lines) + 1):
            draft.ledger.lost(
                Spot(text.name, number), f"the file could not be read; {wrong or 'it has no list of groups'}"
            )
        return
    root = At(source, (), source.data)
    made = [one for group in root.child("groups").elements() for one in _group(group, text, draft)]
    for name, at in root.children():
        spot = Spot(text.name, at.key_place.line)
        if name == "groups" and made:
            draft.ledger.carried(spot, made[0].path)
        else:
            why = "no rule of it was carried" if name == "groups" else f"'{name}' is no word of a rule file"
            draft.ledger.lost(spot, why)
    _comments(text, draft)


def _group(group: At, text: Text, draft: Draft) -> list[Made]:
    """The alerts of one group; its other rules are lost."""
    line = group.place.line
    rules = group.data.get("rules") if isinstance(group.data, dict) else None
    if not isinstance(rules, list):
        _lose(line, text, draft, "a group has a list of rules")
        return []
    made: list[Made] = []
    for rule in group.child("rules").elements():
        one = _rule(rule, text, draft)
        made += [one] if one else []
    for name, at in group.children():
        at_line = at.key_place.line
        if name in ("name", "rules") and made:
            for one in made:
                draft.ledger.carried(Spot(text.name, at_line), one.path)
        else:
            why = (
                "no rule of the group was carried"
                if name in ("name", "rules")
                else "how Prometheus evaluates the group"
            )
            _lose(at_line, text, draft, why)
    return made


def _rule(rule: At, text: Text, draft: Draft) -> Made | None:
    line = rule.place.line
    data = rule.data if isinstance(rule.data, dict) else {}
    name = rule.child("alert").text if "alert" in data else None
    if "record" in data:
        _all(rule, text, draft, "a recording rule: REM keeps what it measures, and reckons when it draws or judges")
        return None
    if not name or not name.strip() or "expr" not in data or rule.child("expr").text is None:
        _all(rule, text, draft, "a rule has alert or record, and expr")
        if not isinstance(rule.data, dict):
            _lose(line, text, draft, "a rule has alert or record, and expr")
        return None
    made = draft.fresh("alerts", (name,), Spot(text.name, rule.child("alert").key_place.line))
    _fields(rule, made, text, draft)
    return made


def _fields(rule: At, made: Made, text: Text, draft: Draft) -> None:
    """The fields of an alert: who is told how urgently, and all texts as they are written."""
    ledger = draft.ledger
    spot = {name: Spot(text.name, at.key_place.line) for name, at in rule.children()}
    expression = (rule.child("expr").text or "").strip()
    notes = [f"Expression in Prometheus: `{expression}`" if "\n" not in expression else _block(expression)]
    told = _SIMPLE.fullmatch(expression)
    if told:
        notes.append(f'A service level says it as `out of tolerance: "{told["sign"]} {told["limit"]}"`.')
    ledger.carried(spot["expr"], made.path)
    ledger.lost(spot["expr"], "kept as text: a service level on one of REM's own measures has to say it")
    for name in ("for", "keep_firing_for"):
        if name in spot:
            span = rule.child(name).text or ""
            if not _is_duration(span):
                ledger.lost(spot[name], f"'{span[:40]}' is no duration of Prometheus")
                continue
            notes.append(f"It held for `{span}` before it fired." if name == "for" else f"It kept firing for `{span}`.")
            ledger.carried(spot[name], made.path)
            ledger.lost(spot[name], "kept as text: it is said by a service level")
    labels = _texts(rule, "labels", text, draft)
    annotations = _texts(rule, "annotations", text, draft)
    urgent = labels.get("severity", ("", spot["alert"]))
    made.set("severity", "page" if urgent[0].lower() in _URGENT else "ticket", urgent[1])
    if "severity" not in labels:
        ledger.lost(spot["alert"], "no severity is said; it is ticket here")
    else:
        ledger.carried(urgent[1], made.path)
        if urgent[0].lower() not in ("page", "ticket"):
            ledger.lost(urgent[1], f"'{urgent[0]}' is {made.fields['severity']} here")
    kept = {name: value for name, (value, _) in labels.items() if name != "severity"}
    if kept:
        made.set("labels", kept, *[labels[name][1] for name in kept])
    for name in kept:
        ledger.carried(labels[name][1], made.path)
        if "{{" in kept[name]:
            ledger.lost(labels[name][1], _BRACES)
    _annotations(annotations, notes, made, draft)
    for name in spot:
        if name not in _RULE:
            ledger.lost(spot[name], f"'{name}' is no word of a rule")
        elif name in ("labels", "annotations"):
            ledger.carried(spot[name], made.path)


def _annotations(annotations: dict[str, tuple[str, Spot]], notes: list[str], made: Made, draft: Draft) -> None:
    """Texts for people, literally; a template in them is text as well."""
    info: list[str] = []
    spots = list(made.spots)
    for name, (value, at) in annotations.items():
        if name in ("summary", "title", "message") and "title" not in made.fields and "\n" not in value.strip():
            made.set("title", value.strip(), at)
        elif name in ("runbook_url", "runbook") and re.fullmatch(r"https?://[^\s{}$]+", value):
            made.set("runbook", value, at)
        else:
            info.append(value.strip() if name in ("description", "message") else f"{name}: {value.strip()}")
            spots.append(at)
        draft.ledger.carried(at, made.path)
        if "{{" in value:
            draft.ledger.lost(at, _BRACES)
    made.set("info", "\n\n".join([*info, *notes]), *spots)


def _texts(rule: At, name: str, text: Text, draft: Draft) -> dict[str, tuple[str, Spot]]:
    """A mapping of texts with their lines."""
    found: dict[str, tuple[str, Spot]] = {}
    if name not in rule.data:
        return found
    for key, at in rule.child(name).children():
        spot = Spot(text.name, at.key_place.line)
        if at.text is None:
            draft.ledger.lost(spot, f"'{key}' is no text")
        elif names_secret(key) or holds_secret(f"{key}={at.text}"):
            draft.ledger.hide(spot, at.text)
            draft.ledger.lost(spot, f"'{key}' seems to hold a secret")
        else:
            found[key] = (at.text, spot)
    return found


def _block(expression: str) -> str:
    return "Expression in Prometheus:\n\n```\n" + expression + "\n```"


def _is_duration(span: str) -> bool:
    return span == "0" or (bool(span) and bool(_DURATION.fullmatch(span)))


def _all(rule: At, text: Text, draft: Draft, why: str) -> None:
    for _, at in rule.children():
        _lose(at.key_place.line, text, draft, why)
        for _, inner in at.children():
            _lose(inner.key_place.line, text, draft, why)


def _lose(line: int, text: Text, draft: Draft, why: str) -> None:
    draft.ledger.lost(Spot(text.name, line), why)


def _comments(text: Text, draft: Draft) -> None:
    """Comments above a rule are the alert's."""
    comments = Comments(draft)
    first = {made.spots[0]: made for made in draft.items.values() if made.spots}
    for number, row in enumerate(text.lines, 1):
        spot = Spot(text.name, number)
        if is_comment(row):
            comments.add(spot, row)
        elif spot in first:
            comments.give(first[spot])
        else:
            comments.drop()
