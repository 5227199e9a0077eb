"""Pages of the journeys area: the address is read, a query is asked, its record is shown."""
