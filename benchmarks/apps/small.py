"""The minimal application with work at import, so that it boots in about half a second."""

from minimal import app  # noqa: F401 - the target

WORK = 5_000_000

total = 0
for number in range(WORK):
    total += number
