"""WeChat Pay, merchant interface V3: Native (QR code) on a desk, H5 on a phone; CNY only.

Documents: https://pay.weixin.qq.com/doc/v3/merchant/4012791877 (Native), /4012791834 (H5), /4012365342 (signing
requests), /4013053249 (verifying what is signed by the platform), /4012071382 (decrypting notifications).
"""
