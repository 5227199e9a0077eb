"""From records to the kernels of `analytics`."""
