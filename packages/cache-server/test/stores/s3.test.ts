import type { S3Client } from '@aws-sdk/client-s3';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeStore } from '../store-conformance.ts';
import { s3Store } from '../../src/stores/s3.ts';
import { StoreUnavailableError } from '../../src/stores/store.ts';

const { TEST_S3_ENDPOINT: endpoint, TEST_S3_BUCKET: bucket = 'conformance' } = process.env;
const region = 'us-east-1';

// A real service: sh packages/cache-server/test/s3-server.sh run npx vitest run packages/cache-server/src/stores
if (endpoint) {
  let client: S3Client;
  // The first bucket makes the cluster's pools: seconds.
  beforeAll(async () => {
    const { CreateBucketCommand, S3Client: Client } = await import('@aws-sdk/client-s3');
    client = new Client({ endpoint, forcePathStyle: true, region });
    await client.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: Error) => {
      if (!error.name.startsWith('BucketAlready')) throw error;
    });
    await s3Store({ bucket, prefix: '', region, endpoint });
  }, 60_000);

  describeStore(
    'S3',
    async () => {
      const { ListMultipartUploadsCommand, ListObjectsV2Command } = await import('@aws-sdk/client-s3');
      const prefix = `test-${Date.now()}/`;
      const store = await s3Store({ bucket, prefix, region, endpoint, warn: (message) => console.warn(message) });
      const leftovers = async () => {
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
        const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }));
        const whole = [`${prefix}entries/`, `${prefix}used/`, `${prefix}probe`];
        return [...Contents, ...Uploads.map(({ Key }) => ({ Key: `upload of ${Key}` }))]
          .map(({ Key = '' }) => Key)
          .filter((Key) => !whole.some((start) => Key.startsWith(start)));
      };
      return { store, leftovers };
    },
    { bigSize: 11 * 1024 * 1024 + 3, count: 60 },
  );

  describe('the S3 store', () => {
    it('finds that the service keeps to If-None-Match, on both operations', async () => {
      const warnings: string[] = [];
      await s3Store({ bucket, prefix: '', region, endpoint, warn: (message) => warnings.push(message) });
      expect(warnings).toEqual([]);
    });

    it('says that there is no such bucket, and nothing of the credentials', async () => {
      const error = await s3Store({ bucket: 'no-such-bucket', prefix: '', region, endpoint }).then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error?.message).toMatch(/^cannot write in bucket no-such-bucket: 404 NoSuchBucket/);
      expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(new RegExp(`authorization|${process.env.AWS_ACCESS_KEY_ID}`, 'i'));
    });
  });
} else {
  describe('S3 as a store', () => {
    if (process.env.TEST_S3_REQUIRED)
      it('has a service to test on', () => {
        throw new Error('TEST_S3_REQUIRED is set and TEST_S3_ENDPOINT is not: start the tests by test/s3-server.sh');
      });
    it.skip('no service: TEST_S3_ENDPOINT is not set; start the tests by packages/cache-server/test/s3-server.sh', () => {});
  });
}
