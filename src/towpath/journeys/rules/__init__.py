"""Pure decisions about journeys: what a definition may say, and how it is read and written."""
