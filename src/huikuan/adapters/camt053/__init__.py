"""ISO 20022 statements: camt.053 (day), camt.052 (intraday) and camt.054 (notification), every version."""
