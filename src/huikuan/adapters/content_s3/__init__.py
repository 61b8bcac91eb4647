"""The content store in an S3-compatible object store (AWS S3, MinIO, Aliyun OSS …), by boto3; extra `huikuan[s3]`."""
