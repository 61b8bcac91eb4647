"""Text messages by Aliyun (阿里云短信服务), API Dysmsapi 2017-05-25.

SendSms and QuerySendDetails: help.aliyun.com/document_detail/55284.html and …/419277.html. Signature of requests
(ACS3-HMAC-SHA256): help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature. Receipts by HTTP
(SmsReport) and replies (SmsUp): help.aliyun.com/zh/sms/developer-reference/smsreport-2.
"""
