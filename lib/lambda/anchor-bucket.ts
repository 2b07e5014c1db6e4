/** Anchors in Amazon S3. Object lock keeps every version of them. */
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

/** What the names of anchors begin with. */
export const anchorPrefix = 'anchors/';

/** How many are read at once. */
const atOnce = 20;

/** Anchors are put by the function, and read by whoever verifies. */
export function anchorBucket(client: S3Client, bucket: string) {
  async function versions(Prefix: string): Promise<ObjectVersion[]> {
    const all: ObjectVersion[] = [];
    let page: Partial<ListObjectVersionsCommandOutput> = {};
    do {
      const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
      page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix, KeyMarker, VersionIdMarker }));
      all.push(...(page.Versions ?? []));
    } while (page.IsTruncated);
    return all;
  }

  return {
    async put(name: string, text: string): Promise<void> {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: `${anchorPrefix}${name}`,
          Body: text,
          ContentType: 'application/jsonl',
          // S3 asks for one where object lock protects what comes in.
          ChecksumAlgorithm: 'SHA256',
        }),
      );
    },

    /** All that was ever kept: also what a later version or a marker of deletion hides, which object lock does not prevent. */
    async read(prefix: string): Promise<{ name: string; text: string }[]> {
      const all = await versions(prefix);
      const texts: { name: string; text: string }[] = [];
      for (let at = 0; at < all.length; at += atOnce) {
        const some = all.slice(at, at + atOnce).map(async ({ Key = '', VersionId }) => {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key, VersionId }));
          return { name: `s3://${bucket}/${Key}`, text: (await Body?.transformToString()) ?? '' };
        });
        texts.push(...(await Promise.all(some)));
      }
      return texts;
    },
  };
}
