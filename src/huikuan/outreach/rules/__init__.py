"""Pure rules: frames in, frame out. No clock, no database, no Django."""
