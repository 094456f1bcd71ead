"""The minimal application with more work at import, so that it boots in about three seconds."""

from minimal import app  # noqa: F401 - the target
from small import WORK

total = 0
for number in range(WORK * 9):
    total += number
