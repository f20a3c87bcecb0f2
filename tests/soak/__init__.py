"""What takes longer than `make test` may: the same properties under many seeds, resumable by seed.

crash.py   the crash matrix in another order for each seed, beside others who write
suites.py  suites of `make test` with other values for each seed (the bypass matrix, the limits), and `whole`: every
           test with nothing left out of the matrices
"""
