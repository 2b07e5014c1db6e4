/** As much of Amazon S3 as anchors use: objects that are put, listed with all their versions, and read by version. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeS3 {
  readonly endpoint: string;
  /** What was put, oldest first. */
  readonly versions: { key: string; body: string; headers: Record<string, unknown> }[];
  stop(): void;
}

/** @param pageSize how many versions a listing tells at once. */
export async function startS3(pageSize = 1_000): Promise<FakeS3> {
  const versions: FakeS3['versions'] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
    const key = decodeURIComponent(pathname.split('/').slice(2).join('/'));
    if (request.method === 'PUT') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      versions.push({ key, body: Buffer.concat(chunks).toString(), headers: request.headers });
      response.end();
    } else if (searchParams.has('versions')) {
      const from = Number(searchParams.get('version-id-marker') ?? 0);
      const found = versions
        .map((version, index) => ({ ...version, index }))
        .filter((version) => version.index >= from && version.key.startsWith(searchParams.get('prefix') ?? ''));
      const page = found.slice(0, pageSize);
      const next = found[pageSize];
      const listed = page.map(
        (each) => `<Version><Key>${each.key}</Key><VersionId>v${each.index}</VersionId></Version>`,
      );
      const more =
        next && `<NextKeyMarker>${next.key}</NextKeyMarker><NextVersionIdMarker>${next.index}</NextVersionIdMarker>`;
      const hidden = '<DeleteMarker><Key>anchors/gone.jsonl</Key><VersionId>d</VersionId></DeleteMarker>';
      response.setHeader('content-type', 'application/xml');
      response.end(
        `<ListVersionsResult><IsTruncated>${!!next}</IsTruncated>${more ?? ''}${listed.join('')}${hidden}</ListVersionsResult>`,
      );
    } else {
      const version = versions[Number(searchParams.get('versionId')?.slice(1))];
      response.writeHead(version ? 200 : 404).end(version?.body);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    versions,
    stop: () => server.close(),
  };
}
