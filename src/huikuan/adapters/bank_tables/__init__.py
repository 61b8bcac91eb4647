"""Exports of banks and wallets as tables (CSV, XLS, XLSX): which column is what is data, one profile a layout."""
