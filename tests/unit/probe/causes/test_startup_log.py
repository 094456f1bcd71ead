"""What the application logs is recorded, and its logging remains as it is."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Iterator

import pytest

from netra_contracts.probe.causes import startup_log
from netra_contracts.probe.causes.startup_log import StartupLog


class Collector(logging.Handler):
    """Keeps the records that it gets, and the files of the frames above it."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.callers: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.callers = [frame.filename for frame in inspect.stack(0)[1:]]


class Refusing(logging.Handler):
    """Raises on each record."""

    def emit(self, record: logging.LogRecord) -> None:
        raise LookupError(record.msg)


@pytest.fixture
def log() -> Iterator[StartupLog]:
    made = StartupLog()
    made.install()
    yield made
    made.uninstall()


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    made = logging.getLogger("shop.db")
    made.propagate = False
    yield made
    made.handlers.clear()
    made.filters.clear()
    made.disabled, made.propagate = False, True


def test_many_long_messages_are_masked_no_more_than_are_kept(
    log: StartupLog, logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    masked: list[int] = []

    def mask(text: str, **_: object) -> str:
        masked.append(len(text))
        return text[:300]

    monkeypatch.setattr(startup_log, "mask", mask)
    logger.addHandler(logging.NullHandler())
    for number in range(500):
        logger.error("%s" + "k" * 10_000, number)
        logger.error(f"{number} " + "k" * 10_000)
    messages = log.messages()
    assert (len(messages), len(masked), max(masked)) == (40, 40, 5000)
    assert messages[0].count == 500


def test_messages_have_logger_level_line_template_and_exception(log: StartupLog, logger: logging.Logger) -> None:
    try:
        raise ConnectionRefusedError
    except OSError:
        logger.exception("no database at %s, password=%s", "db", "hunter2")
    logger.error(ValueError("secret"))
    first, second = log.messages()
    assert (first.logger, first.level, first.exception) == ("shop.db", "ERROR", "ConnectionRefusedError")
    assert first.template == "no database at %s, password=***"
    assert first.location is not None
    assert (first.location.file, first.location.function[:13]) == (__file__, "test_messages")
    assert (second.template, second.exception) == ("", "ValueError")


def test_message_with_credentials_is_masked_and_bounded(log: StartupLog, logger: logging.Logger) -> None:
    logger.warning(f"postgres://u:hunter2@db/x {'x' * 1000}")
    (message,) = log.messages()
    assert message.template.startswith("postgres://u:***@db/x xxx")
    assert len(message.template) == 300


def test_text_with_arguments_is_kept_only_if_it_is_asked_for_and_masked(logger: logging.Logger) -> None:
    for with_text, expected in ((False, ""), (True, "no postgres://u:***@db/x")):
        log = StartupLog(with_text=with_text)
        log.install()
        try:
            logger.warning("no %s", "postgres://u:hunter2@db/x")
        finally:
            log.uninstall()
        assert [message.text for message in log.messages()] == [expected]


def test_repeated_messages_are_counted_and_their_number_is_bounded(log: StartupLog, logger: logging.Logger) -> None:
    for number in range(3):
        logger.warning("retry %d", number)
    for number in range(100):
        logger.warning(f"retry {number}")
    messages = log.messages()
    assert (messages[0].template, messages[0].count) == ("retry %d", 3)
    assert len(messages) == 40


def test_what_is_disabled_filtered_below_warning_or_of_asyncio_is_not_recorded(
    log: StartupLog, logger: logging.Logger
) -> None:
    logger.info("info")
    logging.getLogger("asyncio").error("Task exception was never retrieved")
    logger.addFilter(lambda record: False)
    logger.error("filtered")
    logger.filters.clear()
    logger.disabled = True
    logger.error("disabled")
    logger.disabled = False
    logging.disable(logging.CRITICAL)
    try:
        logger.error("disabled for all")
    finally:
        logging.disable(logging.NOTSET)
    assert log.messages() == ()


def test_handlers_get_each_record_once_with_frames_of_logging_only(log: StartupLog, logger: logging.Logger) -> None:
    collector = Collector()
    logger.addHandler(collector)
    logger.warning("x")
    own = collector.callers.index(__file__)
    assert len(collector.records) == 1
    assert set(collector.callers[:own]) == {logging.__file__}, "a handler that looks for the caller finds the probe"


def test_exception_of_a_handler_reaches_the_application(log: StartupLog, logger: logging.Logger) -> None:
    logger.addHandler(Refusing())
    with pytest.raises(LookupError, match="x"):
        logger.error("x")
    assert [message.template for message in log.messages()] == ["x"]


def test_record_that_cannot_be_read_is_passed_on(log: StartupLog, logger: logging.Logger) -> None:
    collector = Collector()
    logger.addHandler(collector)
    record = logging.makeLogRecord({"name": "shop", "levelno": 40, "levelname": "ERROR"})
    record.name = []  # type: ignore[assignment]  # it is what a subclass may do
    logger.handle(record)
    assert collector.records == [record]
    assert log.messages() == ()


def test_uninstalled_log_restores_logging_or_leaves_what_the_application_has_set(logger: logging.Logger) -> None:
    original = logging.Logger.callHandlers
    log = StartupLog()
    log.install()
    assert logging.Logger.callHandlers is not original
    log.uninstall()
    assert logging.Logger.callHandlers is original
    log.install()
    ours = logging.Logger.callHandlers
    try:
        logging.Logger.callHandlers = functools.partialmethod(ours)  # type: ignore[method-assign, assignment]  # as a library would
        log.uninstall()
        logger.addHandler(logging.NullHandler())
        logger.error("late")
        assert log.messages() == ()
    finally:
        logging.Logger.callHandlers = original  # type: ignore[method-assign]  # as it was
