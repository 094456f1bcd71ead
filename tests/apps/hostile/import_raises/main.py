"""The import raises."""

import settings

app = settings.app
