"""The team exercise: roles on phones, rounds of two years, one shared screen, a debrief.

Everything follows from the decisions of the teams and the seed: the world is played anew from them,
so that a session fits into one small file, any round can be undone, and a restarted server goes on.
"""
