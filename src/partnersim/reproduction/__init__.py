"""Experiments that are shipped with their findings: what was asked, what came out, how sure it is.

Reads the folders of ``experiments`` and compares results with what is expected of them.
"""
