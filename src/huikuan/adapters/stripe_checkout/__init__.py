"""Stripe Checkout: a session per payment, webhooks signed v1.

Documents: https://docs.stripe.com/api/checkout/sessions, /api/refunds, /api/idempotent_requests, and
https://docs.stripe.com/webhooks#verify-manually for the signature.
"""
