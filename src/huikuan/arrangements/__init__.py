"""约定 arrangements: promise, plan, offer, dispute: what is agreed about a debt, and what became of it."""
