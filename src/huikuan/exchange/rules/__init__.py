"""Pure rules: which column is meant, what a cell says. No clock, no database, no Django."""
