"""Nothing imports this module, and nothing can."""

from __future__ import annotations

raise RuntimeError("needs a license")
