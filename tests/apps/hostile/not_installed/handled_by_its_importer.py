from netra_contracts.declare import phase_check
