"""What the reader of the sources has written, as a part of the observation."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.errors import ToolError
from netra_contracts.model.recording import read_message
from netra_contracts.protocol.codec import ProtocolError, decode
from netra_contracts.protocol.control import ProbeFailed
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.observation import Observation
from netra_contracts.protocol.source_usage import SourceUsage, key_of_question, key_of_use

_NOT_READ = "the sources were not read before the target ended"


def read(written: bytes | None, observation: Observation) -> SourceUsage:
    """What the sources say. If it is unknown, that is why it is incomplete.

    Args:
        written: what the reader wrote; None: nothing, so far.
        observation: says whether the probe has read it.
    """
    skipped = observation.uses.skipped if observation.uses is not None else ""
    if written is None:
        return SourceUsage(incomplete=skipped or _NOT_READ)
    try:
        message = decode(written)
        if message.holds(ProbeFailed):
            return SourceUsage(incomplete=message.read(ProbeFailed).message)
        if message.holds(SourceUsage):
            return read_message(SourceUsage, message)
        reason = f"it is a {message.kind}"
    except (ProtocolError, ToolError) as error:
        reason = str(error)
    return SourceUsage(incomplete=f"the result of the reader cannot be read: {reason}")


def reportable_lines(observation: Observation) -> Iterator[Location]:
    """The lines of the sources that findings may be about: few of thousands in a large application."""
    if observation.usage is None or observation.uses is None:
        return
    known = {*observation.uses.names, *observation.uses.computed}
    refused = {key_of_question(answer.question) for answer in observation.uses.answers if answer.holds is False}
    for access in observation.usage.accesses:
        if (access.kind == "read" and access.name not in known) or access.user_data:
            yield access.location
        for use in access.uses if refused else ():
            if key_of_use(use) in refused:
                yield use.location
