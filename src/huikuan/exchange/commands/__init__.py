"""Writes: one import of a file, one export of a list."""

from huikuan.exchange.commands.exporting import FileFormat, export_list, export_rows
from huikuan.exchange.commands.importing import ImportOptions, OnError, import_table

__all__ = ["FileFormat", "ImportOptions", "OnError", "export_list", "export_rows", "import_table"]
