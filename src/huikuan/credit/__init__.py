"""信用 credit: grade A/B/C with its explanation, overrides, risk marks."""
