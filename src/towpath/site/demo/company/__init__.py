"""An invented energy supplier and the people whom it serves. Pure: a plan in, Arrow tables out.

It knows nothing of the rest of Towpath: no target, no definition of a ruined day, no detector.
"""
