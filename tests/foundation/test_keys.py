from towpath.foundation.access.keys import actor_of_key


def test_a_key_acts_with_its_scopes(key_with):
    actor = actor_of_key(key_with(["keys:own"]))
    assert actor is not None
    assert actor.scopes == {"keys:own"}
