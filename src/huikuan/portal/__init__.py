"""客户门户 portal: pages that a debtor opens by a signed link, without signing in."""
