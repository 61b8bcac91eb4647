"""交换 exchange: files in and out. Columns and their names, rows read and judged, lists written, the aging report."""
