"""Dates as pages state them, read without a clock: for extract, which looks for them, and normalise, which believes."""
