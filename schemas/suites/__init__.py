"""What must hold, as Great Expectations suites in code.

Each suite is a function giving the suite for one kind of frame (see `transforms.gate.frames` for the columns).
An expectation's `meta` holds its `name` as it stands in `verdicts` and its `severity`; its description is
the sentence a person reads. Importing a suite imports Great Expectations: 6 s of CPU (measured on 1.24.1).
"""
