import { S3Client } from '@aws-sdk/client-s3';
import { anchorBucket } from '../lib/lambda/anchor-bucket.ts';
import { anchorTask } from '../lib/lambda/anchors.ts';
import { liveAnchors } from '../lib/live.ts';

const { bucket, ...task } = liveAnchors();

/** Runs on a schedule: writes the heads of all chains down outside of the table. */
export const handler = anchorTask({ ...task, put: anchorBucket(new S3Client(), bucket).put });
