"""The import of a module with a syntax error."""

import settings
