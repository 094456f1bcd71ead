"""The frozen vocabulary that the rooms share: contract, plan, observation, finding, report."""
