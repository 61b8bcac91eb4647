"""SWIFT statements: MT940 (day), MT942 (intraday), as banks write them and as they should be written."""
