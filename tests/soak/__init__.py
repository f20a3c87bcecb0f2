"""What takes longer than `make test` may: the same properties under many seeds, resumable by seed.

crash.py   the crash matrix in another order for each seed, beside others who write
"""
