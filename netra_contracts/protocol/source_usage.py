"""How the target's sources use its states: what code reads and writes, and what it does with what it read.

It is read from the sources with `ast` and executes nothing of them.
"""

from __future__ import annotations

from typing import Literal

from .location import Location
from .plan import Question
from .record import record

#: `guarded`: a read that allows the entry to be absent or None: `hasattr`, `getattr` with a default, `if x is None`.
#: `dynamic-read`, `dynamic-write`: of a name that is computed.
AccessKind = Literal["read", "guarded", "write", "delete", "dynamic-read", "dynamic-write"]

#: `application`: `app.state`, `request.app.state`. `request`: `request.state`, `websocket.state`, which also has what
#: the lifespan yielded. `unknown`: an object that is annotated as a state, of which it is not known
#: which one it is.
StateScope = Literal["application", "request", "unknown"]

#: `attribute`: it reads `path`. `call`: it calls the object at `path` with arguments of the shape `signature`. The
#: others: it awaits, enters, iterates or subscripts the object at `path` or, if `called`, what the call of it returns.
UseKind = Literal["attribute", "call", "await", "with", "async-with", "iterate", "async-iterate", "subscript"]


@record(frozen=True)
class Use:
    """What code does with an object that it read from a state.

    What it does only after it has asked (`hasattr`, `isinstance`, `except AttributeError`) is left out.

    Attributes:
        path: attributes from the object, dotted; empty: the object itself.
        signature: the shape of a call, as in `Question.signature`, such as `(a, b, *, c)`; empty: there is no call, or
            its arguments are not known, as with `*args`.
        called: whether the object at `path` is called. Each such call is a use of its own, too.
    """

    kind: UseKind
    location: Location
    path: str = ""
    signature: str = ""
    called: bool = False


@record(frozen=True)
class StateAccess:
    """One access of code to an entry of a state.

    Attributes:
        name: of the entry; empty: it is computed.
        location: of a user of an accessor: where it calls the accessor or receives its result.
        module: the module's import path, as far as the folders tell it.
        uses: what code does with what it read, as far as one function shows it.
        accessor: the function through which the entry is read, `module:qualname`; empty: it is read directly.
        at_request: whether the code runs when requests are served: an endpoint, a dependency, middleware, or what these
            call.
        user_data: for a write: the expression of the request that the value comes from, such as `request.user`; empty:
            none was found.
    """

    kind: AccessKind
    scope: StateScope
    location: Location
    name: str = ""
    module: str = ""
    uses: tuple[Use, ...] = ()
    accessor: str = ""
    at_request: bool = False
    user_data: str = ""


@record(frozen=True)
class Accessor:
    """A function that returns an entry of a state.

    Attributes:
        function: `module:qualname`.
        name: of the entry.
        location: where it is defined.
    """

    function: str
    name: str
    scope: StateScope
    location: Location


#: `syntax`: the target's interpreter cannot parse it. `encoding`: it cannot be decoded. `large`: it exceeds the limit.
SourceFault = Literal["syntax", "encoding", "large", "unreadable", "compiled"]


@record(frozen=True)
class UnreadSource:
    """A source file that could not be read, so that what it does is unknown."""

    file: str
    reason: SourceFault
    detail: str = ""


@record(frozen=True)
class LateImport:
    """A module that a function imports: it need not have been imported when startup ends.

    Only imports in files that were parsed are known.

    Attributes:
        module: that contains the function.
        imported: the import path.
    """

    module: str
    imported: str


@record(frozen=True)
class SourceUsage:
    """What the sources of the target say of its states.

    Attributes:
        accesses: by file, in the order of their lines.
        files: how many files were found.
        parsed: how many of these were parsed or taken from the cache; the others do not access a state.
        late_imports: by functions.
        incomplete: why not all sources were read, in words; empty: they were.
    """

    accesses: tuple[StateAccess, ...] = ()
    accessors: tuple[Accessor, ...] = ()
    unread: tuple[UnreadSource, ...] = ()
    files: int = 0
    parsed: int = 0
    late_imports: tuple[LateImport, ...] = ()
    incomplete: str = ""


@record(frozen=True)
class SourceRequest:
    """What the reader of the sources is to do: the one argument of `probe/usage/__main__.py`, as JSON.

    Its working folder and environment are those of the target. It writes a message to `output`, whole or not at all: a
    `SourceUsage`, or a `ProbeFailed` if the reader itself failed. Its exit status says nothing.

    Attributes:
        module: the target's import path.
        output: path of a file.
        app_dir: the folder that is first on the target's import path; empty: the working folder.
        use_cache: whether results of earlier runs are used and kept, in the user's cache folder.
        max_files: how many files are read at most; those beyond make the result incomplete, as for the other limits.
        max_mib: how many MiB of source are read at most.
        max_s: after how many seconds reading ends.
    """

    module: str
    output: str
    app_dir: str = ""
    use_cache: bool = True
    max_files: int = 20_000
    max_mib: int = 256
    max_s: float = 20.0


@record(frozen=True)
class LoadedModule:
    """A module of the target's own code that the application has imported.

    Attributes:
        name: in `sys.modules`.
        file: its source file.
    """

    name: str
    file: str


#: What a question about a use asks of a component: kind, path, signature, and whether it is about the result of a call.
UseKey = tuple[str, str, str, bool]


def key_of_use(use: Use) -> UseKey:
    """What a use asks of a component: it is the same for many lines."""
    if use.kind == "attribute":
        return "exists", use.path, "", False
    return use.kind, use.path, use.signature, use.called and use.kind != "call"


def key_of_question(question: Question) -> UseKey:
    """What a question about a use asks of its component."""
    return question.kind, question.path, question.signature, question.called


def question_of_use(use: Use, component: str) -> Question:
    """The question whether a component allows a use."""
    if use.kind == "attribute":
        return Question("exists", component, path=use.path)
    called = use.called and use.kind != "call"
    return Question(use.kind, component, path=use.path, signature=use.signature, called=called)


@record(frozen=True)
class UseAnswer:
    """Whether a component allows what code does with it.

    Attributes:
        question: of a kind that is about uses.
        holds: yes, no, or None: unknown.
        actual: the name of the type of the object that does not allow it.
        missing: the first step of the path that does not exist.
        near: the nearest name to that.
        refused: why the call is refused, in words and without values.
        location: where the function is defined that refuses the call.
    """

    question: Question
    holds: bool | None
    actual: str = ""
    missing: str = ""
    near: str = ""
    refused: str = ""
    location: Location | None = None


@record(frozen=True)
class UseEvidence:
    """What the probe adds to `SourceUsage` when startup has ended.

    Attributes:
        modules: of the target's own code that have been imported, and that have accesses, could not be read, or are
            named by `late_imports`.
        names: of entries that any state of the process has had, also that of another application or of a request.
        misplaced: names that code reads from the state of a request, while only applications have such an entry.
        computed: names that code reads, that no state has had, and that the class of a state gives, or may give.
        written_elsewhere: names that code of the application stores into objects that may be states, as far as the
            reader of the sources knows, of those that no state has had.
        library_writes: names that code of an installed package may write into a state, of those that a finding may be
            about.
        library_reads: names that code of an installed package may read from a state, of those that no source reads.
        late_imports: by functions that are loaded, of modules with accesses that are not.
        launchers: names of modules that are not loaded, write entries that nothing has set, and import the target.
        answers: to questions about the components that code reads.
        skipped: why there is none of this, in words; empty: there is.
    """

    modules: tuple[LoadedModule, ...] = ()
    names: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    written_elsewhere: tuple[str, ...] = ()
    library_writes: tuple[str, ...] = ()
    library_reads: tuple[str, ...] = ()
    late_imports: tuple[LateImport, ...] = ()
    launchers: tuple[str, ...] = ()
    answers: tuple[UseAnswer, ...] = ()
    skipped: str = ""
