"""`sys.exit` with a message at import."""

import sys

sys.exit("DATABASE_URL is not set")
