"""Pure functions from Arrow table to Arrow table, one module or package a stage: extract, normalise, link, gate.

Nothing here touches disk, clock or network; what a stage needs comes as an argument.
"""
