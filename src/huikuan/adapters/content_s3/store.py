"""Bytes by their hash as objects of one bucket: GetObject, HeadObject and PutObject, nothing else."""

from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from huikuan.journal.ports import ContentMissingError

_ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})
_TIMEOUT_SECONDS: Final = 30


class S3Store:
    """Implements `journal.ports.ContentStore`. One client per process: boto3's are safe to share."""

    _client: Any = None

    def put(self, sha256: str, content: bytes) -> None:
        """Keep the content; the service compares the hash that is sent along with what arrived."""
        if self._exists(sha256):
            return
        self._connected().put_object(
            Bucket=settings.HUIKUAN_S3_BUCKET,
            Key=_key(sha256),
            Body=content,
            ContentLength=len(content),
            Metadata={"sha256": sha256},
        )

    def get(self, sha256: str) -> bytes:
        """Return what is kept. Raises ContentMissingError."""
        from botocore.exceptions import ClientError  # noqa: PLC0415  an extra: only who uses it has it

        try:
            answer = self._connected().get_object(Bucket=settings.HUIKUAN_S3_BUCKET, Key=_key(sha256))
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                raise ContentMissingError(sha256) from error
            raise
        content: bytes = answer["Body"].read()
        return content

    def _exists(self, sha256: str) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415  see above

        try:
            self._connected().head_object(Bucket=settings.HUIKUAN_S3_BUCKET, Key=_key(sha256))
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return False
            raise
        return True

    @classmethod
    def _connected(cls) -> Any:  # noqa: ANN401  boto3 makes its clients at run time
        if S3Store._client is None:
            S3Store._client = _client()
        return S3Store._client


def _client() -> Any:  # noqa: ANN401  see above
    """Return a client that signs with SigV4 and talks to the endpoint of the settings."""
    try:
        import boto3  # noqa: PLC0415  see above
        from botocore.config import Config  # noqa: PLC0415
    except ImportError as error:
        message = "HUIKUAN_S3_BUCKET is set but boto3 is not installed. Install huikuan[s3]."
        raise ImproperlyConfigured(message) from error
    return boto3.client(
        "s3",
        endpoint_url=settings.HUIKUAN_S3_ENDPOINT or None,
        region_name=settings.HUIKUAN_S3_REGION,
        aws_access_key_id=settings.HUIKUAN_S3_ACCESS_KEY,
        aws_secret_access_key=settings.HUIKUAN_S3_SECRET_KEY,
        config=Config(
            signature_version="s3v4",
            connect_timeout=_TIMEOUT_SECONDS,
            read_timeout=_TIMEOUT_SECONDS,
            retries={"max_attempts": 3, "mode": "standard"},
            # Not every compatible service knows the newer checksums; the signature covers the body's SHA-256 anyway.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"payload_signing_enabled": True, "addressing_style": "path"},
        ),
    )


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
