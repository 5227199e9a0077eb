"""Looking at a file: its form, its columns, how its times are written, and the mapping that this proposes."""

from towpath.events.sniffing.proposal import Preview, Proposal, examples, preview, sniff

__all__ = ["Preview", "Proposal", "examples", "preview", "sniff"]
