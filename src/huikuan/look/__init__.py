"""外观 look: what every page looks like, and how it writes money, days and icons, whoever draws it. No tables."""
