"""Text messages by Tencent Cloud (腾讯云短信), API SMS 2021-01-11.

SendSms: cloud.tencent.com/document/product/382/55981. PullSmsSendStatusByPhoneNumber (asked about what is in doubt):
tencentcloud.com/document/api/382/40518. Signature of requests (TC3-HMAC-SHA256):
cloud.tencent.com/document/api/382/52072. Receipts by HTTP: cloud.tencent.com/document/product/382/59178 and
tencentcloud.com/document/product/382/43547.
"""
