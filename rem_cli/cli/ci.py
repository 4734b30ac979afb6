"""What `rem init --ci` writes: how a forge checks the packages of every change."""

from __future__ import annotations

from enum import StrEnum

from rem_cli import __version__


class Forge(StrEnum):
    GITHUB = "github"
    GITLAB = "gitlab"


_GITHUB = """\
# Checks the packages: of a pull request what it brings, after a merge all of them. Nothing of a package is run, no
# secret is needed, and the token can only read.
name: rem
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  validate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 2 # a pull request is checked out merged; HEAD^1 is what it was merged into
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install rem-cli=={version}
      - if: github.event_name == 'pull_request'
        run: rem validate --base HEAD^1 --format github
      - if: github.event_name != 'pull_request'
        run: rem validate --format github
"""

_GITLAB = """\
# Checks the packages: of a merge request what it brings, after a merge all of them. Nothing of a package is run and no
# secret is needed.
rem validate:
  image: python:3.12
  variables:
    GIT_DEPTH: 0 # the commit that a merge request is held against must be there
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  before_script:
    - pip install rem-cli=={version}
  script:
    - base=${CI_MERGE_REQUEST_DIFF_BASE_SHA:+--base=$CI_MERGE_REQUEST_DIFF_BASE_SHA}
    - rem validate $base --fail-on never --format junit >rem.xml
    - rem validate $base
  artifacts:
    when: always
    reports:
      junit: rem.xml
"""

_FILES = {Forge.GITHUB: (".github/workflows/rem.yml", _GITHUB), Forge.GITLAB: (".gitlab-ci.yml", _GITLAB)}


def example(forge: Forge) -> tuple[str, str]:
    """The path and the text of a forge's file, with this version of REM."""
    path, text = _FILES[forge]
    return path, text.replace("{version}", __version__)
