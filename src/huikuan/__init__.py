"""huikuan (回款): receivables collections that stay inside the law."""
