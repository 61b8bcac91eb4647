"""Tables in files: delimited text in any usual encoding, and spreadsheets. Implements exchange.ports."""
