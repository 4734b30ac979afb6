"""REM: operations as reviewed data."""

__version__ = "0.1.0"
