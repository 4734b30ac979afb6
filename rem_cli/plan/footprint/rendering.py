"""The child that renders templates: `python -I -m rem_cli.plan.footprint.rendering`; a line of JSON in, one out.

A template may do what it likes with its own values and nothing else: an immutable sandbox without a loader, bounded
processor time, memory and output, and no file to write to. `render` talks with it.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Mapping
from types import TracebackType
from typing import Any

MEMORY = 256 << 20  # bytes, on top of what the libraries take
SECONDS = 1  # of the processor, for one rendering
OUTPUT = 4 << 20  # characters
NAME = "<template>"  # what Jinja2 is told that the template is called


def main() -> None:
    """Answer requests until there are no more."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    asking, answering = open(0), open(1, "w")  # noqa: SIM115 (they last as long as this process)
    _confine()
    for line in asking:
        asked = json.loads(line)
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, resource.RLIM_INFINITY))
        answer = _render(environment, asked["text"], asked["values"])
        answering.write(json.dumps(answer) + "\n")
        answering.flush()


def _confine() -> None:
    with open("/proc/self/statm") as file:
        taken = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))  # Python loads some of itself late
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _render(environment: Any, text: str, values: Mapping[str, Any]) -> dict[str, Any]:
    from jinja2 import TemplateSyntaxError

    parts: list[str] = []
    size = 0
    try:
        code = environment.compile(text, NAME, NAME)
        for part in environment.template_class.from_code(environment, code, environment.make_globals(None)).generate(
            values
        ):
            parts.append(part)
            size += len(part)
            if size > OUTPUT:
                return {"error": f"it writes more than {OUTPUT >> 20} MiB", "line": 0}
    except TemplateSyntaxError as error:
        return {"error": error.message, "line": error.lineno}
    except MemoryError:
        parts.clear()
        return {"error": f"it takes more than {MEMORY >> 20} MiB of memory", "line": 0}
    except Exception as error:  # whatever a template makes happen is its own error
        said = "a template cannot read another one" if "no loader" in str(error) else str(error)
        return {"error": said or type(error).__name__, "line": _line(error.__traceback__)}
    return {"text": "".join(parts)}


def _line(trace: TracebackType | None) -> int:
    """The line of the template in which it happened."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == NAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


if __name__ == "__main__":
    main()
