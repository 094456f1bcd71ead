"""Modules of the application that log."""

import logging

logger = logging.getLogger(__name__)
audit = logging.getLogger("audit trail")


def sell():
    logger.error("sold")
    audit.error("sold")
