"""Compiled loops (Numba) behind the sequence analyses. Nothing outside `towpath.analytics` imports them."""
