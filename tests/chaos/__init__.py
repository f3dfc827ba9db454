"""Real backfills in processes of their own, disturbed in every way that can be thought of, and what is stored after.

``python -m chaos --help`` (in ``tests``) or ``make chaos``: many seeded faults and a table of what came of them.
"""
