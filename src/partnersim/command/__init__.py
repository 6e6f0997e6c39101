"""The program ``partnersim``."""
