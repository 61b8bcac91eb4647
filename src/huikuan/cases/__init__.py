"""案件 cases: the case, its balance per currency, the worklist task."""
