"""回款核销 cash: bank statements, matching, gateways; money that arrives closes the loop."""
