"""命令行 cli: everything an operator does, as commands."""
