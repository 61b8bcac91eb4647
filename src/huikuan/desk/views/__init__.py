"""Views: translate the request, call once, draw."""
