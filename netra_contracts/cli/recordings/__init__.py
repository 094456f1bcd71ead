"""Commands that need the recording of a run: of a target that is started, or one that was saved."""
