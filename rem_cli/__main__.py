"""`python -m rem_cli`."""

from rem_cli.main import run

run()
