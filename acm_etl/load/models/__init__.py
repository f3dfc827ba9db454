"""Models of a machine: initial training, versions, requests for new ones, baselines and scoring states."""
