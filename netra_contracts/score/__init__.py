"""How many changes of a recording contracts notice: the recording is changed one fact at a time, and judged again.

Pure functions. `facts` arranges a recording by component, `mutators` change single facts, `judge` says which checks
report a change, `scoring` counts.
"""

from netra_contracts.score.scoring import mutants_of, results_of, score_of, score_within, why_not
from netra_contracts.score.strengthening import proven_terms

__all__ = ["mutants_of", "proven_terms", "results_of", "score_of", "score_within", "why_not"]
