"""The package of the target fails while it is imported, by a name that looks like the target's own."""

import shop.main.settings
