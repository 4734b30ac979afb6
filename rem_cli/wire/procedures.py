"""Procedures with the engines of this machine: started from what is active, and driven."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from rem_cli.wire.conditions import evaluate
from rem_cli.wire.source import Source

if TYPE_CHECKING:
    from rem_cli.jobs.events import Listen as ListenToJobs
    from rem_cli.procedures.definition import Definition
    from rem_cli.procedures.engine import Listen
    from rem_cli.procedures.journal import Head, Journals
    from rem_cli.procedures.meaning import Running
    from rem_cli.procedures.moves import Look
    from rem_cli.procedures.parting import Parting
    from rem_cli.procedures.rehearsal import Course
    from rem_cli.procedures.standing import Standing
    from rem_cli.reach import Stop
    from rem_cli.wire import Rem


class Procedures:
    """The procedures of one repository, and their runs."""

    def __init__(self, rem: Rem) -> None:
        self._rem = rem

    @cached_property
    def journals(self) -> Journals:
        from rem_cli.procedures.journal import Journals

        return Journals(self._rem.state, self._rem.clock)

    def definition(self, source: Source, path: str) -> Definition:
        """What a run of a procedure that begins now would be pinned to; NoTargetError, UsageError."""
        from rem_cli.errors import UsageError
        from rem_cli.procedures.meaning import definition_of

        catalog = source.catalog
        item = catalog.item(path)
        if item.process != "builtin procedures":
            raise UsageError(f"{item.path} is no procedure", hint="rem procedure list --procedures")
        return definition_of(catalog, item)

    def start(self, source: Source, path: str, given: Sequence[str], who: str) -> Head:
        """A new run, which nobody drives yet; UsageError when a parameter is missing or not one."""
        from rem_cli.procedures.start import params_of

        definition = self.definition(source, path)
        params = params_of(definition, given)
        origin = {"commit": source.origin.commit, "label": source.origin.label, "generation": source.origin.generation}
        return self.journals.begin(definition, params, who, origin)

    def drive(
        self, id: int, *, stop: Stop, listen: Listen, jobs: ListenToJobs, patience: float, who: str
    ) -> tuple[Standing, Look | None]:
        """Go on with a run: see `engine.drive`."""
        from rem_cli.jobs import Origin
        from rem_cli.procedures.engine import Engine, drive
        from rem_cli.wire.driving import Hands

        started = self.journals.lines(id)[0][0]
        commit = started.text("commit")
        number = started.told.get("generation")
        origin = Origin(commit, number if isinstance(number, int) else None, f"procedure run {id}", who)
        rem = self._rem
        hands = Hands(rem, origin, jobs, who, stop)
        engine = Engine(
            self.journals, hands.perform, evaluate, rem.clock, hands.returned, hands.recall, hands.hold,
            rem.shared.slots,
        )  # fmt: skip
        return drive(engine, id, stop=stop, listen=listen, patience=patience)

    def fetch(self, stop: Stop) -> None:
        """Take in what long jobs of parked runs have to tell, so that `due` knows of them."""
        from rem_cli.wire.long_jobs import fetch_long_jobs

        for head in self.journals.heads():
            for run in head.away if not head.fate else ():
                fetch_long_jobs(self._rem, stop, run)

    def due(self) -> list[int]:
        """Runs that nobody drives and that have something to do by now, the oldest first."""
        now = self._rem.clock.now()
        heads = [head for head in reversed(self.journals.heads()) if not head.fate]
        running = set(self._rem.records.left_running()) if any(head.away for head in heads) else set()

        def something(head: Head) -> bool:
            if head.look is not None and head.look <= now:
                return True
            return not running.issuperset(head.away) if head.away else head.look is None and not head.waits

        return [head.id for head in heads if something(head) and not self.journals.driven(head)]

    def rehearse(self, source: Source, path: str | None) -> list[Course]:
        """Go through the scenarios of a procedure, or of all."""
        from rem_cli.procedures.rehearsal import Scenario, rehearse
        from rem_cli.procedures.start import params_of

        courses = []
        wanted = self.definition(source, path).path if path else None
        for item in source.catalog.of("builtin scenarios"):
            scenario = Scenario.read(item)
            if wanted in (None, scenario.procedure):
                definition = self.definition(source, scenario.procedure)
                params = params_of(definition, [f"{name}={value}" for name, value in scenario.params.items()])
                courses.append(rehearse(definition, params, scenario, evaluate))
        return courses

    def replay(self, source: Source, what: str | None, most: int) -> list[tuple[Head, Parting | None]]:
        """Recorded runs, one by its number or those of a procedure, held against what a source says now."""
        from rem_cli.procedures.parting import Parting, parting

        one = int(what) if what is not None and what.isdecimal() else None
        path = self.definition(source, what).path if what is not None and one is None else None
        heads = [self.journals.head(one)] if one is not None else self.journals.heads()
        found: list[tuple[Head, Parting | None]] = []
        for head in [head for head in heads if path in (None, head.procedure)][:most]:
            item = source.catalog.items.get(head.procedure)
            if item is None or item.process != "builtin procedures":
                found.append((head, Parting(0, "it was started", "this procedure is not there any more")))
                continue
            definition = self.definition(source, head.procedure)
            found.append((head, parting(definition, self.journals.lines(head.id)[0], evaluate)))
        return found

    def last_good(self, id: int) -> Definition | None:
        """What the last run of the same procedure before this one was pinned to that succeeded."""
        this = self.journals.head(id)
        good = [one for one in self.journals.heads() if one.procedure == this.procedure and one.fate == "succeeded"]
        return next((self.journals.definition(one.digest) for one in good if one.id < id), None)

    def running(self) -> list[Running]:
        """Runs that have not ended; nothing is made where nothing was kept."""
        from rem_cli.procedures.meaning import Running

        if not (self._rem.state_folder / "state.sqlite").is_file():
            return []
        heads = self.journals.heads()
        return [Running(head.id, head.procedure, head.digest) for head in heads if not head.fate]

    def standing(self, id: int) -> tuple[Standing, Look | None]:
        """Where a run stands, and what it waits for where nobody drives it."""
        from rem_cli.procedures.engine import waits_for
        from rem_cli.procedures.sight import Sight
        from rem_cli.procedures.standing import replay

        head = self.journals.head(id)
        run = replay(self.journals.lines(id)[0])
        sight = Sight(self.journals.definition(head.digest), run, self._rem.clock.now(), evaluate)
        return run, waits_for(sight)

    def watch(self, id: int, *, told: int, stop: Stop, listen: Listen) -> tuple[Standing, Look | None]:
        """Tell a run's lines from `told` on as another process writes them, until that one lets go or is gone."""
        from rem_cli.procedures.engine import GLANCE

        while True:
            head = self.journals.head(id)
            lines = self.journals.lines(id)[0]
            for line in lines[told:]:
                listen(line)
            told = len(lines)
            if not self.journals.driven(head) or stop.wait(GLANCE):
                return self.standing(id)
