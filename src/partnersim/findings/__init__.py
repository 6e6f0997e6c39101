"""What the numbers of a study say: which policy is robust, where it fails, who signs next.

Reads the store and calls the analysis; figures and the report are drawn from it.
"""

from partnersim.findings.evidence import Evidence
from partnersim.findings.study import Study, read_study

__all__ = ["Evidence", "Study", "read_study"]
