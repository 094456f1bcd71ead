from netra_contracts.declare import Phase, phase_check


@phase_check(Phase.READINESS)
def modules_are_loaded(state):
    assert state is None  # the state of an ASGI application without a framework is not known
