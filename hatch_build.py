"""Put the workshop page into the wheel, built anew if its sources changed and Node is at hand.

Everything but ``partnersim serve`` works without the page, so a machine without Node, or without a
way to npm's packages, gets a wheel without it and one line that says so. ``make dist`` builds the
page first and fails if it cannot.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds `src/partnersim/page/static` for wheels; checkouts have ``make page``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page where that is wanted and can be done."""
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root).resolve()
        sys.path.insert(0, str(root / "tools"))
        from build_page import PageNotBuiltError, build, is_built, npm_at_hand

        if is_built(root):
            return
        try:
            if (npm := npm_at_hand()) is None:
                raise PageNotBuiltError("there is no Node 20.19 or later here")
            build(root, npm)
        except PageNotBuiltError as reason:
            self.app.display_warning(f"The workshop page is not built: {reason}")
