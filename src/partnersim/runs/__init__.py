"""Runs: designed, played, stored, resumed, verified."""
