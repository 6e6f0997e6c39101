"""Random numbers, each fixed by what it is for, and random choice among options.

Every draw is a hash of seed, replicate, quarter, actor, alternative and purpose: the same whatever
is drawn before it, on however many threads (common random numbers). A run tells actors and
alternatives by keys of their codes and names, so that lists may grow (`partnersim.random.keys`).
"""
