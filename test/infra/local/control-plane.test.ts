import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetApiKeyCommand,
  GetApiKeysCommand,
  GetUsagePlanKeysCommand,
  GetUsagePlansCommand,
  paginateGetApiKeys,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { echo, type Served, serve } from './fixture.ts';

let served: Served;
let client: APIGatewayClient;
const value = (name: string) => name.padEnd(24, '0');
const create = (name: string) => client.send(new CreateApiKeyCommand({ name, value: value(name), enabled: true }));

beforeAll(async () => {
  const ApiStages = [{ ApiId: { Ref: 'Main' }, Stage: { Ref: 'MainStage' } }];
  served = await serve({
    functions: { Echo: { code: echo } },
    // The service's own paths, to show that they do not get in the way.
    routes: [
      { api: 'Main', path: '/apikeys' },
      { api: 'Main', path: '/usageplans/{id}' },
    ],
    plans: {
      Small: {
        UsagePlanName: 'small',
        ApiStages,
        Throttle: { RateLimit: 5, BurstLimit: 10 },
        Quota: { Limit: 100, Period: 'DAY' },
      },
      Big: { UsagePlanName: 'big', ApiStages },
    },
  });
  client = new APIGatewayClient({
    endpoint: served.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterAll(() => served.stop());

it('leaves the paths of the APIs alone', async () => {
  expect((await fetch(`${served.url}/apikeys`)).status).toBe(200);
});

it('creates, shows, lists, changes and deletes API keys', async () => {
  const created = await create('one');
  expect(created).toMatchObject({ name: 'one', value: value('one'), enabled: true, createdDate: expect.any(Date) });
  const apiKey = created.id;
  expect((await client.send(new GetApiKeyCommand({ apiKey }))).value).toBeUndefined();
  expect((await client.send(new GetApiKeyCommand({ apiKey, includeValue: true }))).value).toBe(value('one'));

  const found = await client.send(new GetApiKeysCommand({ nameQuery: 'on', includeValues: true }));
  expect(found.items?.map((item) => item.value)).toEqual([value('one')]);

  const patchOperations = [
    { op: 'replace' as const, path: '/enabled', value: 'false' },
    { op: 'replace' as const, path: '/name', value: 'renamed' },
  ];
  const changed = await client.send(new UpdateApiKeyCommand({ apiKey, patchOperations }));
  expect(changed).toMatchObject({ enabled: false, name: 'renamed' });

  await client.send(new DeleteApiKeyCommand({ apiKey }));
  await expect(client.send(new GetApiKeyCommand({ apiKey }))).rejects.toMatchObject({ name: 'NotFoundException' });
});

it('pages its lists', async () => {
  const names = Array.from({ length: 5 }, (_, index) => `page-${index}`);
  for (const name of names) await create(name);
  const seen = [];
  for await (const { items } of paginateGetApiKeys({ client, pageSize: 2 }, { nameQuery: 'page-' })) {
    expect(items?.length).toBeLessThanOrEqual(2);
    seen.push(...(items ?? []).map(({ name }) => name));
  }
  expect(seen).toEqual(names);
});

it('shows the usage plans of the template', async () => {
  const { items } = await client.send(new GetUsagePlansCommand());
  expect(items).toMatchObject([
    {
      id: 'Small',
      name: 'small',
      throttle: { rateLimit: 5, burstLimit: 10 },
      quota: { limit: 100, period: 'DAY' },
      apiStages: [{ apiId: 'Main', stage: 'prod' }],
    },
    { id: 'Big', name: 'big' },
  ]);
});

it('puts a key into one plan and takes it out again', async () => {
  const { id: keyId } = await create('member');
  const join = (usagePlanId: string) =>
    client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
  const members = async () => (await client.send(new GetUsagePlanKeysCommand({ usagePlanId: 'Small' }))).items ?? [];

  expect(await join('Small')).toMatchObject({ id: keyId, type: 'API_KEY', value: value('member') });
  await expect(join('Small')).rejects.toMatchObject({ name: 'ConflictException' });
  await expect(join('Big')).rejects.toMatchObject({ name: 'ConflictException' });
  expect(await members()).toMatchObject([{ id: keyId }]);

  await client.send(new DeleteUsagePlanKeyCommand({ usagePlanId: 'Small', keyId }));
  expect(await members()).toEqual([]);
  await join('Big');
});

it('refuses what API Gateway refuses', async () => {
  await create('twice');
  await expect(create('twice')).rejects.toMatchObject({ name: 'ConflictException' });
  const short = new CreateApiKeyCommand({ name: 'short', value: 'x'.repeat(19) });
  await expect(client.send(short)).rejects.toMatchObject({ name: 'BadRequestException' });
  const nowhere = new CreateUsagePlanKeyCommand({ usagePlanId: 'None', keyId: 'none', keyType: 'API_KEY' });
  await expect(client.send(nowhere)).rejects.toMatchObject({ name: 'NotFoundException' });
});
