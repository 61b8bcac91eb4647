"""The tests: rules (no database), modules (database), journeys (whole stories), browser."""
