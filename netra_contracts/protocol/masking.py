"""What must not appear in any text that leaves the tool."""

from __future__ import annotations

import re

#: A JSON Web Token (RFC 7519), whole or in part, forged ones included: `{"` is `eyJ` in base64url.
WEB_TOKEN = re.compile(r"eyJ[\w-]*(?:\.[\w-]*)*")
