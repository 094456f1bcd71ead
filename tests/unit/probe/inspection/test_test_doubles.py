"""Mocks are recognised by their classes."""

from __future__ import annotations

from unittest import mock

from netra_contracts.probe.inspection.test_doubles import mock_class
from tests.unit.probe.inspection.samples import Slotted


def test_mock_and_its_subclasses_are_test_doubles() -> None:
    class Pool(mock.Mock):
        """A mock with a name of its own."""

    assert mock_class(mock.MagicMock) == "unittest.mock.MagicMock"
    assert mock_class(Pool).endswith(".Pool")
    assert mock_class(Slotted) == ""
