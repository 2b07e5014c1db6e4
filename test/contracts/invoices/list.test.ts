import { describe, expect, it } from 'vitest';
import { invoices as contract } from '../../../lib/contracts/invoices/index.ts';
import type { InvoiceResource } from '../../../lib/contracts/invoices/invoice-resource.ts';
import type { Answer } from '../../../lib/invoice/operation.ts';
import { errorBody, issuable, newClient, resource, smallest } from './client.ts';

type Page = { data: InvoiceResource[]; next_cursor: string | null };
const page = ({ status, body }: Answer): Page => {
  expect(status, body).toBe(200);
  return JSON.parse(body);
};

describe('the list of invoices', () => {
  it('shows them whole, newest invoice date first, with a cursor to the rest', async () => {
    const client = newClient();
    const made = [];
    for (const issue_date of ['2026-01-01', '2026-01-03', '2026-01-02']) {
      made.push(resource(await client.create({ ...smallest, header: { issue_date } })));
    }
    const [first, third, second] = made;
    const start = page(await client.list({ limit: '2' }));
    expect(start.data).toEqual([third, second]);
    const end = page(await client.list({ limit: '2', cursor: start.next_cursor ?? '' }));
    expect(end).toEqual({ data: [first], next_cursor: null });
  });

  it('filters by what an answer shows', async () => {
    const client = newClient();
    const draft = resource(
      await client.create({ ...smallest, header: { currency: 'USD' }, external_reference: 'A-7' }),
    );
    const { id } = resource(await client.create(issuable));
    const issued = resource(await client.finalize(id));
    const cases: [Record<string, string>, InvoiceResource[]][] = [
      [{}, [draft, issued]],
      [{ state: 'draft' }, [draft]],
      [{ state: 'approved' }, [issued]],
      [{ payment_status: 'unpaid', state: 'sent' }, []],
      [{ currency: 'USD' }, [draft]],
      [{ invoice_number: 'inv-2026-00001' }, [issued]],
      [{ external_reference: 'A-7' }, [draft]],
      [{ from_date: '2026-01-15', to_date: '2026-01-15' }, [issued]],
      [{ from_date: '2026-01-16' }, [draft]],
      [{ q: 'INV-2026-0' }, [issued]],
      [{ q: 'kaufer a' }, [draft, issued]],
      [{ q: 'aufer' }, []],
    ];
    for (const [query, expected] of cases) {
      expect(page(await client.list(query)).data, JSON.stringify(query)).toEqual(expected);
    }
  });

  it('finds what is overdue, and nothing that is not', async () => {
    const client = newClient();
    const finalized = async (due_date: string) => {
      const header = { ...issuable.header, issue_date: '2026-01-05', due_date };
      const { id } = resource(await client.create({ ...issuable, header }));
      return resource(await client.finalize(id));
    };
    const late = await finalized('2026-01-01');
    await finalized('2027-01-01');
    expect(late.metadata_json).toMatchObject({ overdue: true });
    expect(page(await client.list({ payment_status: 'overdue' })).data).toEqual([late]);
  });

  it('says what is wrong with a query', async () => {
    const { list } = newClient();
    const query = { limit: '0', state: 'open', from_date: '2026-02-30', colour: 'red' };
    const answer = await list(query);
    expect(answer.status).toBe(400);
    expect(Object.keys(errorBody(answer).errors ?? {}).sort()).toEqual(Object.keys(query).sort());
    expect(errorBody(await list({ q: '!?' })).faults).toMatchObject([{ field: 'q', code: 'no_words' }]);
    expect(errorBody(await list({ cursor: 'AAAA' })).faults).toMatchObject([{ field: 'cursor' }]);
  });
});

it.each(contract.routes.filter(({ query }) => query).map((route) => [route.method, route.path, route] as const))(
  '%s %s refuses a query that it does not know: a page that is not the next one would come for ever',
  (_method, _path, { query }) => {
    expect(query?.safeParse({ unheard: 'x' }).error?.issues).toMatchObject([{ code: 'unrecognized_keys' }]);
  },
);

describe('an external reference', () => {
  it('names one invoice for ever', async () => {
    const client = newClient();
    const { id, metadata_json } = resource(await client.create({ ...smallest, external_reference: 'order 7' }));
    expect(metadata_json).toMatchObject({ external_reference: 'order 7', warnings: [] });
    const second = await client.create({ ...smallest, external_reference: 'order 7' });
    expect(second.status).toBe(409);
    expect(errorBody(second)).toMatchObject({ code: 'external_reference_taken', message: expect.stringContaining(id) });
    await client.call('DELETE', '/invoices/{id}', { id }, undefined);
    expect((await client.create({ ...smallest, external_reference: 'order 7' })).status).toBe(409);
  });

  it('cannot be changed, and survives other changes', async () => {
    const client = newClient();
    const { id } = resource(await client.create({ ...smallest, external_reference: 'order 7' }));
    const patched = await client.call('PATCH', '/invoices/{id}', { id }, { buyer: { name: 'Other' } });
    expect(resource(patched).metadata_json?.external_reference).toBe('order 7');
    for (const external_reference of [null, 'order 8']) {
      const refused = await client.call('PATCH', '/invoices/{id}', { id }, { external_reference });
      expect(errorBody(refused).faults).toMatchObject([{ field: 'external_reference', code: 'not_changeable' }]);
    }
  });
});
