"""Figures and the report, drawn from stored runs."""
