"""Collects what the probe observes, and assembles the observation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Callable

from ..protocol.observed.answers import Answer, DescribedComponent, DuplicateModule
from ..protocol.observed.clients import ServerObservation
from ..protocol.observed.failures import Holder, StackSnapshot
from ..protocol.observed.isolation import IsolationResult
from ..protocol.observed.lifecycle import YieldedObject
from ..protocol.observed.observation import Observation, PhaseCheckResult, Stage, UninstalledImport
from ..protocol.plan import Plan
from ..protocol.record import replace
from ..protocol.stages import StageName
from .inspection import source_locations
from .inspection.questions import QuestionEvaluator
from .inspection.safe_inspect import MISSING, type_name
from .runtime import bounded_calls
from .startup.instrumentation import Instrumentation
from .startup.lifespans.monitor import location_of_lifespan
from .startup.mounts import describe_mounts
from .startup.phase_marks import PhaseMarks
from .startup.states.app_states import AppStates, StateLookup, asked_components
from .startup.target import Target
from .startup.wrappers import WrappedApp, wrapped_apps

if TYPE_CHECKING:
    from .background.import_resources import OpenResource
    from .components.asked import AskedComponents
    from .module_objects.snapshot import Snapshot
    from .uses.source_file import ReadSources


class EvidenceCollector:
    """What has been observed of one target so far.

    Args:
        target: the target, as far as it is known.
        instrumentation: the observers of the target.

    Attributes:
        plan: the questions to answer; set when the host has sent them.
        states: the target's states; None until they are known.
        before_phase_end: is called first when a phase ends; receives the plan, if it has not come yet.
        phase_marks: the phases that the application marks.
        left_by_import: what was open after the build and not before the import.
    """

    def __init__(self, target: Target, instrumentation: Instrumentation) -> None:
        self._target = target
        self._instrumentation = instrumentation
        self._observed = Observation(target.info)
        self._answers: list[Answer] = []
        self._snapshots: list[tuple[StageName, Snapshot]] = []
        self.plan = Plan()
        self.states: AppStates | None = None
        self.left_by_import: list[OpenResource] = []
        self._others: AskedComponents | None = None
        self.before_phase_end: Callable[[], None] = lambda: None
        self.phase_marks = PhaseMarks(self._on_phase_end, lambda: len(instrumentation.recorder.entries))

    # The target's states

    def set_target(self) -> None:
        """Track the states of the target, which has been built."""
        if self._target.app is not None:
            self._instrumentation.recorder.record_lifespan_state()
        self.states = self._states_of(self._target.apps, self._target.state)

    def _states_of(self, apps: Sequence[WrappedApp], state: Any) -> AppStates:
        asked = self._asked()
        if self._others is None:
            self._others = self._asked_components(asked)
        return AppStates(self._instrumentation.recorder, apps, state, asked, self._others)

    def _asked_components(self, asked: set[str]) -> AskedComponents | None:
        provider = self._instrumentation.declare_provider
        return asked_components(self._instrumentation.recorder, asked, provider.imported_for_the_tool)

    def _asked(self) -> set[str]:
        questions = [item.question for item in self.plan.items]
        return {address for question in questions for address in (question.component, question.other)} - {""}

    def sample_modules(self) -> None:
        """Record what the objects of modules that contracts name are after the import."""
        recorder = self._instrumentation.recorder
        self._others = self._asked_components(self._asked())
        if self._others is not None:
            from .components.asked import NO_ENTRIES

            stage = recorder.stage
            recorder.enter_stage("import")
            self._others.compare(NO_ENTRIES)
            recorder.enter_stage(stage)

    async def prepare_components(self, before_each: Callable[[], None]) -> None:
        """Import modules and call providers that contracts name.

        Args:
            before_each: is called before each of them.
        """
        if self._others is not None:
            from .components.asked import NO_ENTRIES

            own = self._instrumentation.background.own
            with self._instrumentation.declare_provider.importing_for_the_tool():
                self._others.import_modules(self.plan, before_each)
            await self._others.call_providers(self.plan, own, before_each)
            entries = self.states.entries_by_address() if self.states is not None else NO_ENTRIES
            await self._others.ask_containers(self.plan, entries, own, before_each)

    def state_prefixes(self) -> dict[str, str]:
        """The prefix of each state by the id of its dicts, see `AppStates.prefixes`."""
        return self.states.prefixes() if self.states is not None else {}

    def compare_states(self) -> None:
        """Record what has changed in the states that the recorder does not see."""
        if self.states is not None:
            self.states.compare()

    # Questions

    def _on_phase_end(self, subject: Any, phase: str) -> list[Answer]:
        """Answer the questions of a phase that ends. A factory may mark phases before it has returned its application.

        Args:
            subject: the application or state that the phase belongs to.
            phase: its name.
        """
        self.before_phase_end()
        if self.states is None or not (self._target.apps or self._target.is_state):
            apps = wrapped_apps(subject)
            self.states = self._states_of(apps, None if apps else subject)
        self.compare_states()
        self._describe(self.states, phase)
        return self._answer(self.states, phase, phase)

    def _describe(self, states: AppStates, moment: str) -> None:
        """Describe the components as of now, if the plan asks for it."""
        if self.plan.infer:
            from .inspection.component_description import describe

            versions = self._instrumentation.recorder.versions
            earlier = (component for component in self._observed.described if component.moment != moment)
            components, uncalled = self._components(states, moment), []
            if moment == "startup" and self.plan.propose:
                from .module_objects.proposals import proposals

                proposed = proposals(self._target.app, states.applications(), components, self._snapshots)
                components, uncalled = components + proposed.known, proposed.uncalled
            now = describe(components, versions, moment)
            unknown = (DescribedComponent(address, moment, "", "", {}) for address in uncalled)
            self._observed = replace(self._observed, described=(*earlier, *now, *unknown))

    @staticmethod
    def _components(states: AppStates, moment: str) -> list[tuple[str, Any]]:
        """Entries, and what contracts name beside them. Only after startup may this run properties."""
        entries = dict(states.current())
        if moment == "startup":
            others = states.beyond_entries()
        else:
            others = dict(states.others.stored(states.entries_by_address(entries))) if states.others is not None else {}
        return list({**entries, **others}.items())

    def _answer(self, states: AppStates, phase: str | None, moment: str) -> list[Answer]:
        """Answer the questions of a phase, or all, as of now."""
        items = [
            (index, item.question) for index, item in enumerate(self.plan.items) if phase is None or item.phase == phase
        ]
        if not items:
            return []
        return self._evaluator(states).answer(items, moment)

    def _evaluator(self, states: AppStates) -> QuestionEvaluator:
        """What answers questions as of now."""
        versions = self._instrumentation.recorder.versions
        refusal = (states.others.refusal,) if states.others is not None else ()
        return QuestionEvaluator(StateLookup(states).find, versions, *refusal)

    # Evidence, by stage

    def note_module_objects(self, stage: StageName) -> None:
        """Note what modules refer to at the end of a stage, if there are neither contracts nor components."""
        if not self.plan.items and not self._instrumentation.recorder.entries:
            from .module_objects.snapshot import Snapshot

            self._snapshots.append((stage, Snapshot()))

    def _list_module_objects(self) -> None:
        """List the objects of the application's modules, if its states are empty."""
        if self._snapshots and not self._observed.components:
            from .module_objects.listing import list_objects

            listed, more = list_objects(self._snapshots, self._target.app)
            self._observed = replace(self._observed, module_objects=listed, more_module_objects=more)
        self._snapshots.clear()

    def record_end_of_startup(self, *applications_called: Any) -> None:
        """Record components, answers, handlers and mounts as they are now.

        Args:
            applications_called: applications that have received the lifespan event, if that is known.
        """
        if self.states is None:
            return
        if not self._target.apps and self._target.app is not None:
            contexts, created = self._instrumentation.context_managers, self._instrumentation.recorder.applications()
            self._target.find_applications(*applications_called, *contexts.entered_for(created))
            self.states = self._states_of(self._target.apps, None)
        states = self.states
        with bounded_calls.outside_event_loop():
            states.compare(computed=True)
        self._answers.extend(self._answer(states, None, "startup"))
        self._describe(states, "startup")
        self._observed = replace(
            self._observed,
            components=states.components(),
            states=states.observed(),
            stale_references=states.stale_references(),
        )
        if self._target.apps:
            handlers, apps = self._instrumentation.handlers, states.applications()
            mounts = describe_mounts(apps, self._target.app, self._instrumentation.lifespans, handlers)
            called = handlers.of_all((mount.app, mount.path) for mount in apps)
            self._observed = replace(self._observed, handlers=called, mounts=mounts)
        self._list_module_objects()
        self._record_yields()

    def _record_yields(self) -> None:
        """Record what lifespans yielded that is not in the state."""
        recorder, contexts = self._instrumentation.recorder, self._instrumentation.context_managers
        if recorder.lifespan_state is None:
            return
        dropped = contexts.dropped(recorder.lifespan_state)
        wrong = recorder.not_a_mapping
        if wrong is not MISSING:
            location = source_locations.location(contexts.yield_of(wrong))
            if location is None:  # no generator yielded it
                location = location_of_lifespan(self._target.framework_app)
            self._observed = replace(self._observed, not_a_mapping=YieldedObject(type_name(type(wrong)), location))
        self._observed = replace(self._observed, dropped_mappings=dropped)

    def record_import_resources(self) -> None:
        """Record what the import of the target opened and is still open."""
        opened = tuple(each.opened for each in self.left_by_import if each.is_open())
        self.left_by_import.clear()
        self._observed = replace(self._observed, opened_at_import=opened)

    def record_unseen_variables(self, changed: list[Any]) -> None:
        """Record the context variables that the lifespan has set for nobody.

        Args:
            changed: those that have another value in the lifespan than in requests.
        """
        if changed:
            from .startup.lifespans import context_variables

            unseen = context_variables.unseen(changed, self._target.app)
            self._observed = replace(self._observed, unseen_variables=unseen)

    def record_abandoned_generators(self, *, has_shut_down: bool) -> None:
        """Record generators that nothing resumes; see `GeneratorMonitor.abandoned`."""
        abandoned = self._instrumentation.generators.abandoned(has_shut_down=has_shut_down)
        self._observed = replace(self._observed, abandoned_generators=abandoned)

    def record_uses(self, sources: ReadSources) -> None:
        """Record how what the sources say fits the components. It is unknown if the sources could not be read."""
        if self.states is not None:
            from .uses import evidence

            uses = evidence.join(sources, self._target.info.module, self.states, self._instrumentation.recorder)
            self._observed = replace(self._observed, uses=uses)
            if self.plan.relied and sources.usage is not None:
                from .uses.relied import relied_answers

                relied = relied_answers(sources.usage, self.states, self._evaluator(self.states))
                self._observed = replace(self._observed, relied=relied)

    def record_before_shutdown(self) -> None:
        """Answer the questions again: while users were served, or before, a component may have been lost."""
        if self.states is not None:
            self.compare_states()
            self._answers.extend(self._answer(self.states, None, "shutdown"))

    def record_components(self) -> None:
        """Record the components of a startup that did not end, unless they have been recorded."""
        if self.states is not None and not self._observed.components:
            self._observed = replace(self._observed, components=self.states.components())

    def record_phase_checks(self, results: tuple[PhaseCheckResult, ...]) -> None:
        """Record the results of the functions marked with `phase_check`."""
        self._observed = replace(self._observed, phase_checks=results)

    def collect_failed_work(self, *, final: bool = False) -> None:
        """Record the background work that has failed so far.

        Args:
            final: see `BackgroundMonitor.collect`.
        """
        self._instrumentation.background.collect(final=final, holders=self.holders_of)

    def holders_of(self, objects: Iterable[Any]) -> dict[int, Holder]:
        """What of the application refers to objects, by their ids."""
        from .background import holders

        return holders.find(objects, self.states.current() if self.states is not None else ())

    def record_isolation(self, results: tuple[IsolationResult, ...]) -> None:
        """Record what instances of several users reach."""
        self._observed = replace(self._observed, isolation=results)

    def record_server(self, server: ServerObservation) -> None:
        """Record what happened while users were served."""
        self._observed = replace(self._observed, server=server)

    def record_left_running(self, left: tuple[StackSnapshot, ...]) -> None:
        """Record tasks, threads and processes that are left after the shutdown."""
        self._observed = replace(self._observed, left_running=left)

    def _uninstalled_imports(self) -> tuple[UninstalledImport, ...]:
        sites = self._instrumentation.declare_provider.sites
        if not sites:
            return ()
        from .inspection import uninstalled_imports

        return uninstalled_imports.unhandled(list(sites))

    def _duplicate_modules(self) -> tuple[DuplicateModule, ...]:
        """Files that were loaded under several names, where that may be why an object or a class is another one."""
        questions = [item.question for item in self.plan.items]
        if not any(
            answer.holds is False and questions[answer.item].kind in ("same", "fits") for answer in self._answers
        ):
            return ()
        from .components.modules import duplicates

        return duplicates()

    def observation(self, stages: list[Stage]) -> Observation:
        """The observation so far."""
        return replace(
            self._observed,
            target=self._target.info,
            stages=tuple(stages),
            state_changes=self.states.state_changes() if self.states is not None else (),
            answers=(*self.phase_marks.answers, *self._answers),
            marked_phases=tuple(self.phase_marks.ended),
            uninstalled_imports=self._uninstalled_imports(),
            failed_tasks=self._instrumentation.background.failed(),
            blocked_loop=self._instrumentation.blocked_loop(),
            awaits=self._instrumentation.lifespan_awaits(),
            silenced_loggers=self._instrumentation.logging.silenced(),
            late_variables=self._instrumentation.environment.late(),
            slow_imports=self._instrumentation.import_times.slowest(),
            unreferenced_tasks=self._instrumentation.background.unreferenced.found(),
            caught_exceptions=self._instrumentation.caught_exceptions(),
            log=self._instrumentation.logged(),
            providers=self._others.calls() if self._others is not None else (),
            failed_imports=self._others.failed_imports() if self._others is not None else (),
            duplicate_modules=self._duplicate_modules(),
        )
