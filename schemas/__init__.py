"""What the words mean: settings, errors, outlets, tables, suites. Imports nothing of ours."""
