"""The small words everything else is written in: money, rates, days, calendars, refusals.

Pure Python and Polars: no Django, no database, no clock. Every other package may import from here; this one
imports from nowhere in huikuan.
"""
