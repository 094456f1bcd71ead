"""What the reader of the sources has written, as a part of the observation."""

from __future__ import annotations

from netra_contracts.errors import ToolError
from netra_contracts.model.recording import read_message
from netra_contracts.protocol.codec import ProtocolError, decode
from netra_contracts.protocol.control import ProbeFailed
from netra_contracts.protocol.observation import Observation
from netra_contracts.protocol.source_usage import SourceUsage

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
