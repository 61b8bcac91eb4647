"""应收 receivables: contracts and penalty terms, open items, receipts, allocation, penalty, aging."""
