"""Reads about customers: one's whole story, who they are, and whom there are."""

from towpath.customers.queries.story import PAGE, events_of, name_of, note_look, story, story_of

__all__ = ["PAGE", "events_of", "name_of", "note_look", "story", "story_of"]
