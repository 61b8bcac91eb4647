"""外观 look: how every page writes money, days and icons, whoever draws it. No tables."""
