"""Text messages by Twilio, Programmable Messaging, API 2010-04-01.

Messages: twilio.com/docs/messaging/api/message-resource. Status callbacks: twilio.com/docs/messaging/guides/
track-outbound-message-status. Signature of callbacks (X-Twilio-Signature): twilio.com/docs/usage/security.
Errors: twilio.com/docs/api/errors.
"""
