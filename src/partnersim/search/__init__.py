"""Searching levers: which mixes of levers are best over many futures, and what each costs."""
