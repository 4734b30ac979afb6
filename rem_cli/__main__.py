"""`python -m rem_cli`."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the current folder, where `-m` looks first: a repository could bring a yaml.py of its own

from rem_cli.main import run

run()
