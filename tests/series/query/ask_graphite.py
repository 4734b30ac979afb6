"""What graphite-web answers to the same questions, as the cases of `graphite.json`.

Not a test: run where graphite-web 1.1.10 is installed, which needs a Django of 2020, and then look at what changed.

    python -m tests.series.query.ask_graphite
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CASES = Path(__file__).with_name("graphite.json")


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "graphite.settings"
    import django

    django.setup()
    from graphite.render import evaluator
    from graphite.render.datalib import TimeSeries

    cases = json.loads(CASES.read_text())
    series = cases["series"]

    def fetch(context: dict[str, Any], pattern: str) -> list[TimeSeries]:
        either = re.sub(r"\{(.*?)\}", lambda found: f"({found[1].replace(',', '|')})", pattern.replace(".", r"\."))
        wanted = re.compile(either.replace("*", "[^.]*"))
        start, end = (int(context[key].timestamp()) for key in ("startTime", "endTime"))
        found = []
        for name in sorted(series):
            if not wanted.fullmatch(name.replace("/", ".")):
                continue
            step, values = series[name]["step"], series[name]["values"]
            times = range(start - start % step + step, end - end % step + step, step)
            shown = [values[at // step - cases["start"] // step - 1] if at > cases["start"] else None for at in times]
            found.append(TimeSeries(name.replace("/", "."), times.start, times.stop, step, shown, xFilesFactor=0))
        return found

    evaluator.fetchData = fetch
    for case in cases["cases"]:
        window = {"startTime": datetime.fromtimestamp(cases["start"] + case.get("later", 0), UTC),
                  "endTime": datetime.fromtimestamp(cases["end"], UTC), "now": datetime.now(UTC), "data": [],
                  "tzinfo": UTC, "template": None, "localOnly": True, "xFilesFactor": 0}  # fmt: skip
        found = evaluator.evaluateTarget(window, case["ask"].replace("/", "."))
        case["answer"] = [{"start": one.start, "step": one.step, "values": list(one)} for one in found]
        case["names"] = [one.name.replace(".", "/") for one in found]
    rows = ",\n".join("  " + json.dumps(case) for case in cases["cases"])
    kept = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in series.items())
    CASES.write_text(
        f'{{"start": {cases["start"]}, "end": {cases["end"]},\n"series": {{\n{kept}\n}},\n"cases": [\n{rows}\n]}}\n'
    )


if __name__ == "__main__":
    main()
