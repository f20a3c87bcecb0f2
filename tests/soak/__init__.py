"""Tests that are too long for `make test`: the same properties with many seeds, resumable by seed.

crash.py   the crash matrix in another order for each seed, while other clients write
suites.py  suites of `make test` with other values for each seed (the bypass matrix, the limits), and `whole`: every
           test without sampling of the matrices
"""
