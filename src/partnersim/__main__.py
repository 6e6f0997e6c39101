"""``python -m partnersim`` is the program."""

import sys

from partnersim.cli.program import main

sys.exit(main())
