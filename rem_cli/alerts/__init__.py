"""Alerts and people: who is told of what, when, and when not."""
