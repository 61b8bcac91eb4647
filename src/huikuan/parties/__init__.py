"""主体 parties: creditor entities, customers, the persons we talk to, users, teams, roles; who may see whom."""
