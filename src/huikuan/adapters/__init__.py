"""外接 adapters: one folder per outside thing."""
