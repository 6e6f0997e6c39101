"""Calibration: coefficients from the dated history, a backtest, forecasts and their scores.

The utilities, prerequisites and hazards are those of `partnersim.model`; the history is played
again through a state of the rules, so that there is no second source of any of them.
"""
