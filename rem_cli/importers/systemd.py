"""systemd's timers with the services that they start: each pair becomes a job with its schedule."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rem_cli.importers.draft import Draft, Made
from rem_cli.importers.exec_start import CannotRun, program, specified
from rem_cli.importers.ledger import Spot
from rem_cli.importers.on_calendar import Cron, NotCron, as_cron
from rem_cli.importers.sources import Refused, Sources, Text
from rem_cli.importers.spans import NoSpan, seconds
from rem_cli.importers.unit_files import Setting, Unit, parse
from rem_cli.importers.unit_words import words
from rem_cli.language.shown import duration
from rem_cli.language.telltale import holds_secret, names_secret

GROUP = "timers"
LIMIT = "1d"  # systemd knows none for these, and REM's jobs always have one
MAX_CALENDARS = 50  # of one timer; each becomes a job
LONGEST = 604_800  # seconds, of a job's timeout

# Settings of which a unit may have several; an empty one takes back those above it.
_SEVERAL = {
    *("OnCalendar", "OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec"),
    *("Environment", "EnvironmentFile", "ExecStart", "ExecStartPre", "ExecStartPost", "ExecCondition"),
}
_ONE = {
    *("Description", "Unit", "Persistent", "RandomizedDelaySec", "Type", "User", "WorkingDirectory"),
    *("TimeoutStartSec", "TimeoutSec", "RuntimeMaxSec"),
}
_MOMENTS = ("OnActiveSec", "OnBootSec", "OnStartupSec")
_PERIODS = ("OnUnitActiveSec", "OnUnitInactiveSec")


@dataclass
class _Pair:
    """A timer, its service, and the jobs that they became."""

    timer: Unit
    service: Unit
    draft: Draft
    made: list[Made] = field(default_factory=list)
    done: set[Setting] = field(default_factory=set)

    def carry(self, setting: Setting) -> None:
        self.done.add(setting)
        for spot in setting.spots:
            for made in self.made:
                self.draft.ledger.carried(spot, made.path)

    def lose(self, setting: Setting, why: str) -> None:
        self.done.add(setting)
        for spot in setting.spots:
            self.draft.ledger.lost(spot, why)

    def set(self, name: str, value: object, setting: Setting) -> None:
        for made in self.made:
            made.set(name, value, *setting.spots)
        self.carry(setting)


def read(sources: Sources, draft: Draft) -> None:
    """Read units; services and drop-ins that lie beside a given timer are found there."""
    texts = list(sources.given)
    for text in sources.given:
        texts += _beside(text, sources)
    for text in texts:
        draft.ledger.open(text)
    units = parse(texts, draft)
    for timer in [unit for name, unit in units.items() if name.endswith(".timer")]:
        _timer(timer, units, draft)
    for name, unit in units.items():
        kind = "no timer starts it" if name.endswith(".service") else "this is neither a timer nor a service"
        _rest(unit, draft, kind)
    draft.notes.append("The jobs name no hosts, so they run where REM runs; say `hosts:` for the timers' machine.")
    draft.notes.append("Without a zone the machine's clock counted; REM takes UTC until `time zone:` is said.")
    draft.notes.append(f"Where systemd sets no limit the jobs have one of {LIMIT}.")


def _beside(text: Text, sources: Sources) -> list[Text]:
    found: list[Text] = []
    if not text.path.endswith((".timer", ".service")):
        return found
    wanted = [text.path]
    if text.path.endswith(".timer"):
        named = re.findall(r"^\s*Unit\s*=\s*([\w@.:\\-]+\.service)\s*$", text.content, re.MULTILINE)
        stem = text.path.removesuffix(".timer").rpartition("/")[2]
        for service in [*named, f"{stem}.service", re.sub(r"@.*", "@", stem) + ".service"]:
            wanted.append(f"{text.folder}/{service}")
    for path in wanted:
        found += _readable(path, sources) if path != text.path else []
        try:
            drop_ins = sources.below(f"{path}.d", text.folder, "*.conf")
        except Refused:
            continue
        for one in drop_ins:
            found += _readable(one, sources)
    return found


def _readable(path: str, sources: Sources) -> list[Text]:
    try:
        return [] if sources.is_read(path) else [sources.follow(path, "/")]
    except Refused:
        return []


def _timer(timer: Unit, units: dict[str, Unit], draft: Draft) -> None:
    named = timer.last("Timer", "Unit")
    target = named.value if named else f"{timer.stem}.service"
    service = units.get(target) or units.get(re.sub(r"@.*", "@", target.removesuffix(".service")) + ".service")
    if service is None:
        _rest(timer, draft, f"its service {target} was not given")
        return
    if timer.stem.endswith("@"):
        for unit in (timer, service):
            _rest(unit, draft, "a template, which is no timer by itself; give a file by the name of an instance")
        return
    pair = _Pair(timer, service, draft)
    schedules = _schedules(pair)
    try:
        run = program(service, target) if schedules else None
    except CannotRun as cannot:
        _rest(timer, draft, f"{target}: {cannot}")
        for setting in cannot.settings:
            pair.lose(setting, str(cannot))
        _rest(service, draft, f"{timer.name} has no job")
        return
    if run is None:
        _rest(timer, draft, "it has no schedule that REM knows")
        _rest(service, draft, f"{timer.name} has no schedule that REM knows")
        return
    for setting, fields in schedules:
        made = draft.fresh("jobs", (GROUP, timer.stem), *setting.spots)
        pair.made.append(made)
        title = service.last("Unit", "Description") or timer.last("Unit", "Description")
        if title:
            made.set("title", specified(title.value, target), *title.spots)
        for name, value in {**run.fields, **fields}.items():
            made.set(name, value, *(run.spots if name in run.fields else setting.spots))
        pair.done.add(setting)
    for setting in run.settings:
        pair.carry(setting)
    for setting, why in run.lost:
        pair.lose(setting, why)
    _service_settings(pair)
    _timer_settings(pair)
    _comments(pair)


def _schedules(pair: _Pair) -> list[tuple[Setting, dict[str, object]]]:
    """When the timer is due: the fields of one job for each calendar expression, or for the period."""
    found: list[tuple[Setting, dict[str, object]]] = []
    for number, setting in enumerate(pair.timer.all("Timer", "OnCalendar")):
        if number >= MAX_CALENDARS:
            pair.lose(setting, f"more than {MAX_CALENDARS} calendar expressions in one timer")
            continue
        try:
            cron: Cron = as_cron(setting.value)
        except NotCron as no:
            pair.lose(setting, f"cron cannot say this: {no}")
            continue
        zone = {"time zone": cron.zone} if cron.zone else {}
        found.append((setting, {"cron": cron.schedule, **zone}))
    for name in _PERIODS:
        for setting in pair.timer.all("Timer", name):
            try:
                every = seconds(setting.value)
            except NoSpan as no:
                pair.lose(setting, str(no))
                continue
            found.append((setting, {"every": duration(int(every) or 1)}))
            if name == "OnUnitInactiveSec":
                pair.draft.ledger.lost(setting.spots[0], "counted from the end of a run; REM counts from its start")
    for name in _MOMENTS:
        for setting in pair.timer.all("Timer", name):
            if found:
                pair.lose(setting, "the first run of a period; REM begins one when the package is applied")
            else:
                pair.lose(setting, "once after the start of a machine, for which REM has no schedule")
    return found


def _timer_settings(pair: _Pair) -> None:
    for setting in pair.timer.settings:
        if setting in pair.done or setting.section != "Timer":
            continue
        if setting.name == "Persistent":
            yes = setting.value.lower() in ("true", "yes", "on", "1", "y", "t")
            pair.set("catch up", "latest" if yes else "none", setting)
        elif setting.name == "RandomizedDelaySec":
            try:
                splay = seconds(setting.value)
            except NoSpan as no:
                pair.lose(setting, str(no))
                continue
            if splay:
                pair.set("splay", duration(int(splay) or 1), setting)
            else:
                pair.carry(setting)
        elif setting.name == "Unit":
            pair.carry(setting)
        elif setting.name in ("AccuracySec", "FixedRandomDelay", "WakeSystem", "RemainAfterElapse"):
            pair.lose(setting, "how exactly systemd waits; REM starts a job at its instant, and its splay is fixed")
        elif setting.name in ("OnClockChange", "OnTimezoneChange"):
            pair.lose(setting, "REM has no schedule for a change of the clock")
    if not pair.timer.last("Timer", "Persistent"):
        for made in pair.made:
            if "cron" in made.fields:
                made.set("catch up", "none")  # what was due while the machine was down is not made good
    _rest(pair.timer, pair.draft, "what systemd does with its units; a job is due once its package is applied", pair)


def _service_settings(pair: _Pair) -> None:
    service = pair.service
    env: dict[str, str] = {}
    for setting in service.all("Service", "Environment"):
        for word in words(setting.value) or []:
            name, _, value = word.partition("=")
            if names_secret(name) or holds_secret(word):
                pair.lose(setting, f"{name} is a secret; keep it in a file on the host that the program reads")
                for spot in setting.spots:
                    pair.draft.ledger.hide(spot, value)
            else:
                env[name] = value
        if env:
            pair.set("env", dict(env), setting)
    limit = service.last("Service", "TimeoutStartSec") or service.last("Service", "TimeoutSec")
    longest = service.last("Service", "RuntimeMaxSec")
    for bound in (limit, longest):
        if bound is not None:
            _limit(bound, pair)
    for made in pair.made:
        made.fields.setdefault("timeout", LIMIT)
        made.origins.setdefault("timeout", made.spots)
    for setting in service.settings:
        if setting not in pair.done and setting.section == "Service":
            _setting(setting, pair)
    if title := service.last("Unit", "Description") or pair.timer.last("Unit", "Description"):
        pair.carry(title)
    _rest(service, pair.draft, "what systemd does with its units", pair)


def _limit(setting: Setting, pair: _Pair) -> None:
    try:
        longest = seconds(setting.value) if setting.value not in ("infinity", "0") else 0
    except NoSpan as no:
        pair.lose(setting, str(no))
        return
    if not longest:
        pair.lose(setting, f"REM's jobs always have a limit; it is {LIMIT}")
    elif longest > LONGEST:
        pair.set("timeout", duration(LONGEST), setting)
        pair.lose(setting, f"a job may take {duration(LONGEST)} at most")
    else:
        pair.set("timeout", duration(int(longest) or 1), setting)


def _setting(setting: Setting, pair: _Pair) -> None:
    if setting.name == "Type" and setting.value in ("oneshot", "simple", "exec"):
        pair.carry(setting)
    elif setting.name == "Type":
        pair.lose(setting, f"a {setting.value} service stays; a job ends, and REM waits for its end")
    elif setting.name in ("User", "Group", "SupplementaryGroups", "DynamicUser"):
        pair.lose(setting, f"it ran with {setting.name}={setting.value}; REM runs it as whoever logs in on the host")
    elif setting.name == "EnvironmentFile":
        pair.lose(setting, "a file of the host; let the program read it")
    else:
        pair.lose(setting, "how systemd confines and keeps the program; REM starts it over SSH")


def _comments(pair: _Pair) -> None:
    for unit in (pair.timer, pair.service):
        for spot, text in unit.comments:
            if text.strip("#=-*~ ") and not holds_secret(text) and not pair.draft.ledger.spoken_for(spot):
                pair.made[0].comments.append(text)
                pair.draft.ledger.carried(spot, pair.made[0].path)


def _rest(unit: Unit, draft: Draft, why: str, pair: _Pair | None = None) -> None:
    """What nobody has spoken for: headings are carried with their unit, settings are lost."""
    ledger = draft.ledger
    names = {(setting.section, setting.name) for setting in unit.settings}
    counting: set[Setting | None] = {setting for setting in unit.settings if setting.name not in {*_ONE, *_SEVERAL}}
    counting |= {unit.last(*name) for name in names if name[1] in _ONE}
    counting |= {setting for name in names if name[1] in _SEVERAL for setting in unit.all(*name)}
    for setting in unit.settings:
        for spot in setting.spots:
            if ledger.spoken_for(spot):
                continue
            if pair is not None and setting.name in _SEVERAL and not setting.value:
                ledger.carried(spot, pair.made[0].path)  # it takes back what stands above it
            elif pair is None or setting in counting:
                ledger.lost(spot, why)
            else:
                ledger.lost(spot, "a later line of the unit or its drop-ins counts")
    for spot in unit.heads:
        if pair is not None:
            for made in pair.made:
                ledger.carried(spot, made.path)
        elif not ledger.spoken_for(Spot(spot.file, spot.line)):
            ledger.lost(spot, why)
