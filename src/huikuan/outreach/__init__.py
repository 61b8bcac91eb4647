"""触达 outreach: messages, the outbox of deliveries, delivery proof, the contact log. Independent of policy."""
