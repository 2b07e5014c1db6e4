/** Anchored heads, from a file or from the bucket that the anchors' function writes. */
import { readFile } from 'node:fs/promises';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { AnchoredHead } from '../lib/invoice/anchors.ts';
import { anchorBucket } from '../lib/lambda/anchor-bucket.ts';

const Head = z.object({
  tenant: z.string(),
  mode: z.enum(['live', 'test']),
  series: z.string(),
  period: z.string(),
  ordinal: z.int(),
  hash: z.string(),
  at: z.string(),
}) satisfies z.ZodType<AnchoredHead>;

/** Reads `s3://bucket/prefix` or a file. Where nothing is, nothing is anchored, and that is said: it is no proof. */
export async function readAnchors(place: string): Promise<AnchoredHead[]> {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(place) ?? [];
  if (bucket === undefined) return headsIn(await readFile(place, 'utf8'), place);
  const kept = await anchorBucket(new S3Client(), bucket).read(prefix);
  if (kept.length === 0) throw new Error(`There are no anchors in ${place}. It is the stack's output AnchorLocation.`);
  return kept.flatMap(({ name, text }) => headsIn(text, name));
}

/** A file that verifications add to; it may be new. */
export const readAnchorFile = (file: string): Promise<AnchoredHead[]> =>
  readAnchors(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });

function headsIn(text: string, place: string): AnchoredHead[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [Head.parse(JSON.parse(line))];
    } catch (cause) {
      throw new Error(`Line ${index + 1} of ${place} is no anchored head.`, { cause });
    }
  });
}
