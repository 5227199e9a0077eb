"""From the lake to tickets' histories, and on to the kernels of `analytics`."""
