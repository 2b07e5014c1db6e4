/** The scheduled anchors: which heads they tell, and that the bucket gives back all that it ever got. */
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linked } from '../../lib/invoice/chain.ts';
import type { SeriesCounter } from '../../lib/invoice/store.ts';
import { anchorBucket } from '../../lib/lambda/anchor-bucket.ts';
import { anchorTask } from '../../lib/lambda/anchors.ts';
import { type FakeS3, startS3 } from '../support/fake-s3.ts';
import { creditSeries, series, tenant } from '../support/fixtures.ts';
import { emptyMemory, memoryStore } from '../support/memory-store.ts';

const at = '2026-11-21T02:30:00.000Z';

describe('anchors', () => {
  async function run(sealed: Pick<SeriesCounter, 'name' | 'period'>[]) {
    const memory = emptyMemory();
    memory.tenants.set(tenant.id, tenant);
    const scope = { tenant: tenant.id, mode: 'live' } as const;
    const all = [series, creditSeries, { ...series, name: 'EVER', reset: 'never' as const }];
    for (const each of all) memory.series.set(`${tenant.id}/live ${each.name}`, each);
    const store = memoryStore(memory);
    for (const { name, period } of sealed) {
      const content = { number: '', invoiceId: '', issueDate: '', digest: '', entry: '' };
      await store.appendChain({ scope, name, period }, [linked('', { ...content, ordinal: 6 })]);
      await store.appendChain({ scope, name, period }, [linked('', { ...content, ordinal: 7 })]);
    }
    const kept: [string, string][] = [];
    const put = async (name: string, text: string) => void kept.push([name, text]);
    const result = await anchorTask({ store, put, now: () => at })();
    return { result, kept };
  }

  it('tell the head of every chain, of whatever year, in one text', async () => {
    const { result, kept } = await run([
      { name: 'INV', period: '2019' },
      { name: 'INV', period: '2026' },
      { name: 'EVER', period: 'all' },
    ]);
    expect(result).toEqual({ heads: 3 });
    expect(kept.map(([name]) => name)).toEqual([`${at}.jsonl`]);
    const lines = kept[0]?.[1].trimEnd().split('\n') ?? [];
    const head = { tenant: tenant.id, mode: 'live', ordinal: 7, hash: expect.stringMatching(/^[0-9a-f]{64}$/), at };
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...head, series: 'INV', period: '2019' },
      { ...head, series: 'INV', period: '2026' },
      { ...head, series: 'EVER', period: 'all' },
    ]);
  });

  it('tell nothing where nothing is sealed', async () => {
    expect(await run([])).toEqual({ result: { heads: 0 }, kept: [] });
  });
});

describe('the bucket', () => {
  let s3: FakeS3;
  beforeAll(async () => {
    s3 = await startS3(2);
  });
  afterAll(() => s3.stop());
  const bucket = () =>
    anchorBucket(
      new S3Client({
        endpoint: s3.endpoint,
        region: 'eu-central-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      }),
      'kept',
    );

  it('gives back every version, page by page, whatever hides it now', async () => {
    for (const [name, text] of [
      ['a.jsonl', 'first\n'],
      ['b.jsonl', 'second\n'],
      ['a.jsonl', 'over the first\n'],
    ] as const) {
      await bucket().put(name, text);
    }
    expect(s3.versions[0]).toMatchObject({ key: 'anchors/a.jsonl', body: 'first\n' });
    expect(Object.keys(s3.versions[0]?.headers ?? {})).toContain('x-amz-checksum-sha256');
    const read = await bucket().read('anchors/');
    expect(read.map(({ text }) => text)).toEqual(['first\n', 'second\n', 'over the first\n']);
    expect(read[1]?.name).toBe('s3://kept/anchors/b.jsonl');
  });
});
