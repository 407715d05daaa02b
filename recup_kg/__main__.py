"""`python -m recup_kg` is `recup`."""

from __future__ import annotations

import sys

from recup_kg.cli import main

sys.exit(main())
