"""The report of a study: one page that opens with the answer and ends with how to reproduce it."""

from partnersim.report.report import write_report

__all__ = ["write_report"]
