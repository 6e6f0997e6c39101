"""The workshop page: a server for one machine or one room, and what it computes.

The server keeps nothing about its visitors: a scenario lives in the address of the page. What it
does keep is a bounded memory of futures already played, which are a function of their scenario.
"""
