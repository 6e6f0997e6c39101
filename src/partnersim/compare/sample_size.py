"""How much it takes to say something: below these sizes a statement is not made.

They are rules of thumb, kept in one place so that screen, figures, report and page agree.
"""

#: Runs of a policy, and futures, below which policies are not ranked.
RANKING_RUNS, RANKING_FUTURES = 10, 2
#: Runs below which luck is hardly averaged out, so that a caution is given.
FEW_REPLICATES = 10
#: Runs below which shares are given as counts ("4 of 5 runs"), and bands of 90 % are not drawn:
#: 5 % on either side is less than one run.
SHARE_RUNS = BAND_RUNS = 20
#: Futures, and failures among them, below which boxes would fit noise.
BOX_FUTURES, BOX_FAILURES = 30, 5
#: Futures below which PAWN indices are not computed.
PAWN_FUTURES = 30
#: Rows of a Saltelli design (it has rows x (factors + 2) futures) below which Sobol indices are
#: not computed: their intervals would be wider than the range of an index.
SOBOL_ROWS = 64
