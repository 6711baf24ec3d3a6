"""`python -m k8scourse`: the same as the `k8scourse` command."""

from __future__ import annotations

import sys

from k8scourse.cli import main

sys.exit(main())
