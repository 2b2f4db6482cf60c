import type { S3Client } from '@aws-sdk/client-s3';

/** Whether each operation refuses to replace an object. */
export type CreateOnly = Record<'PutObject' | 'CompleteMultipartUpload', boolean>;

/** Probes with the object `Key` which operations of the service honour `If-None-Match: *`. */
export async function probeCreateOnly(client: S3Client, Bucket: string, Key: string): Promise<CreateOnly> {
  const sdk = await import('@aws-sdk/client-s3');
  await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: 'probe' }));
  const PutObject = await isRefused(client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: 'probe', IfNoneMatch: '*' })));
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key }));
  const { ETag } = await client.send(new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'probe' }));
  const parts = { UploadId, MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] } };
  const CompleteMultipartUpload = await isRefused(client.send(new sdk.CompleteMultipartUploadCommand({ Bucket, Key, ...parts, IfNoneMatch: '*' })));
  if (CompleteMultipartUpload) await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  return { PutObject, CompleteMultipartUpload };
}

async function isRefused(result: Promise<unknown>): Promise<boolean> {
  try {
    await result;
    return false;
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    if (status === 412) return true;
    // Not implemented, or a header that the service does not take.
    if (status === 501 || status === 400) return false;
    throw error;
  }
}
