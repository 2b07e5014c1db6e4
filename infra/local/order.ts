/** `npm run order`: publishes an order as an event to the local stack, as a shop would, and shows the invoice that comes of it. */
import { setTimeout as wait } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type * as z from 'zod';
import type { InvoiceResource as Resource } from '../../lib/contracts/invoices/invoice-resource.ts';
import { run, UsageError } from '../command.ts';
import { localStack } from '../installation.ts';
import { region } from './template.ts';

type InvoiceResource = z.output<typeof Resource>;

const usage = 'Usage: npm run order -- [external reference]';

const detail = (reference: string) => ({
  contract: 'invoices',
  external_reference: reference,
  finalize: true,
  body: {
    calculate_totals: true,
    buyer: {
      name: 'Havel Kontor AG',
      address: { street: 'Uferweg 3', city: 'Potsdam', postal_code: '14467', country: 'DE' },
    },
    items: [{ name: 'Desk lamp', quantity: 2, unit_code: 'C62', price: 4_900, tax_category: 'S', tax_rate: 19 }],
  },
});

async function main(args: string[]): Promise<boolean> {
  const [reference = `order-${Date.now()}`, ...more] = args;
  if (more.length > 0 || reference.startsWith('-')) throw new UsageError();
  const { apis, tenants, events } = await localStack(process.env.DATA_DIR ?? '.data');
  const client = new EventBridgeClient({
    endpoint: events.endpoint,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const entry = {
    EventBusName: events.bus,
    Source: events.source,
    DetailType: 'InvoiceRequested',
    Detail: JSON.stringify(detail(reference)),
  };
  await client.send(new PutEventsCommand({ Entries: [entry] }));

  async function read<Value>(path: string): Promise<Value[]> {
    const response = await fetch(apis.invoices + path, { headers: { 'X-Api-Key': tenants[0].keys.full } });
    return ((await response.json()) as { data: Value[] }).data;
  }

  /** What is there of the order by now: its invoice, or why there is none. */
  async function outcome(): Promise<unknown> {
    const [invoice] = await read<InvoiceResource>(`/invoices?external_reference=${encodeURIComponent(reference)}`);
    if (invoice?.ubl_json?.header?.invoice_number) return invoice;
    const rejections = await read<{ external_reference: string | null }>('/event-rejections');
    return rejections.find(({ external_reference }) => external_reference === reference);
  }

  const until = Date.now() + 20_000;
  while (Date.now() < until) {
    await wait(200);
    const found = await outcome();
    if (found) {
      console.log(JSON.stringify(found, null, 2));
      return true;
    }
  }
  throw new Error(`Nothing came of ${reference} yet; see the log of the function Events in the data folder.`);
}

await run(main, usage);
