"""From the lake's rows to Arrow, through `analytics`, and back. Nothing else in this area calls `analytics`'
kernels."""
