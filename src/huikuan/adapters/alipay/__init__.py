"""Alipay, open platform: page pay on a desk, wap pay on a phone; RSA2; CNY only.

Documents: https://opendocs.alipay.com/open/028r8t (alipay.trade.page.pay), /open/203/107090 (alipay.trade.wap.pay),
/open/270/105902 (asynchronous notifications), /common/02kf5q (signing and verifying), /open/4b7cc5db (query).
"""
