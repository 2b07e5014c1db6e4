import { describe, expect, it } from 'vitest';
import { invoices as native } from '../../../lib/contracts/invoices/index.ts';
import { newClient } from './client.ts';

const body = {
  calculate_totals: true,
  buyer: { name: 'Buyer', address: { city: 'Wien', country: 'AT' } },
  items: [
    { name: 'Work', price: 10_000, quantity: 3, unit_code: 'HUR', tax_rate: 19, tax_category: 'S' },
    { name: 'Book', price: 999, quantity: 2, unit_code: 'C62', tax_rate: 7, tax_category: 'S' },
  ],
};

type Client = ReturnType<typeof newClient>;
const at = (id: string) => ({ id });
const parsed = ({ body: text }: { body: string }) => JSON.parse(text);

async function created(client: Client, more: object = {}) {
  const answer = await client.call('POST', '/invoices', {}, { ...body, ...more });
  expect(answer.status, answer.body).toBe(201);
  return parsed(answer).data as { id: string; metadata_json: { version: number } };
}

async function issued(client: Client, more: object = {}) {
  const { id } = await created(client, more);
  const answer = await client.call('POST', '/invoices/{id}/finalize', at(id), undefined);
  expect(answer.status, answer.body).toBe(200);
  return parsed(answer).data;
}

describe('a draft', () => {
  it('is changed member by member, and its figures follow', async () => {
    const client = newClient();
    const { id } = await created(client, { header: { notes: ['old'], buyer_reference: 'B' } });
    const patch = { header: { notes: null }, items: [{ ...body.items[0], quantity: 1 }] };
    const answer = await client.call('PATCH', '/invoices/{id}', at(id), patch);
    expect(answer.status, answer.body).toBe(200);
    const { data } = parsed(answer);
    expect(data.amount).toBe(11_900);
    expect(data.ubl_json.header.notes).toBeUndefined();
    expect(data.ubl_json.header.buyer_reference).toBe('B');
    expect(data.metadata_json.version).toBe(2);
  });

  it('reports what is wrong with the merged invoice', async () => {
    const client = newClient();
    const { id } = await created(client);
    const answer = await client.call('PATCH', '/invoices/{id}', at(id), { buyer: { name: null }, items: [] });
    expect(answer.status).toBe(422);
    expect(Object.keys(parsed(answer).errors).sort()).toEqual(['buyer.name', 'items']);
  });

  it('stands by the figures that its caller stated, and by no other', async () => {
    const client = newClient();
    const stated = { calculate_totals: false, totals: { payable_amount: 37_838 } };
    const { id } = await created(client, stated);
    const change = async (patch: object) => parsed(await client.call('PATCH', '/invoices/{id}', at(id), patch)).data;
    expect((await change({ header: { notes: ['new'] } })).metadata_json.warnings).toEqual([]);
    const fewer = await change({ items: [body.items[1]] });
    expect(fewer.metadata_json.warnings).toMatchObject([{ code: 'differs', field: 'totals.payable_amount' }]);
    const group = { category_code: 'S', rate: 7, tax_amount: 140 };
    const restated = await change({ totals: { payable_amount: 2_138 }, tax_breakdown: [group] });
    expect(restated.metadata_json.warnings).toEqual([]);
    expect((await change({})).ubl_json.tax_breakdown).toEqual([group]);
    expect((await change({ totals: null, tax_breakdown: null, items: body.items })).amount).toBe(37_838);
    expect((await client.finalize(id)).status).toBe(200);
  });

  it('frees its chosen number when it is renumbered or deleted', async () => {
    const client = newClient();
    const { id } = await created(client, { header: { invoice_number: 'X-1' } });
    expect((await client.call('POST', '/invoices', {}, { ...body, header: { invoice_number: 'x-1' } })).status).toBe(
      409,
    );
    await client.call('PATCH', '/invoices/{id}', at(id), { header: { invoice_number: 'X-2' } });
    const second = await created(client, { header: { invoice_number: 'X-1' } });
    expect((await client.call('DELETE', '/invoices/{id}', at(second.id), undefined)).status).toBe(200);
    await created(client, { header: { invoice_number: 'X-1' } });
    expect((await client.call('GET', '/invoices/{id}', at(second.id), undefined)).status).toBe(404);
  });

  it('gives a number that the series went past back to the series', async () => {
    const client = newClient();
    const { id } = await created(client, { header: { invoice_number: 'INV-2026-00001' } });
    expect((await issued(client)).ubl_json.header.invoice_number).toBe('INV-2026-00002');
    await client.call('DELETE', '/invoices/{id}', at(id), undefined);
    expect((await issued(client)).ubl_json.header.invoice_number).toBe('INV-2026-00001');
    expect((await issued(client)).ubl_json.header.invoice_number).toBe('INV-2026-00003');
  });

  it('is found fit by its preview when it can be issued', async () => {
    const client = newClient();
    // Neither of its dates is given: issuing it does that.
    const preview = parsed(await client.call('POST', '/invoices/preview', {}, body));
    expect(preview.findings).toEqual([]);
    expect((await issued(client)).ubl_json.header).toMatchObject({ issue_date: '2026-01-20', due_date: '2026-02-03' });
  });

  it('is not approved any more once it was changed', async () => {
    const client = newClient();
    const { id } = await created(client);
    const approved = parsed(await client.call('POST', '/invoices/{id}/approve', at(id), undefined)).data;
    expect(approved).toMatchObject({ state: 'approved', metadata_json: { approved_at: expect.any(String) } });
    const changed = parsed(await client.call('PATCH', '/invoices/{id}', at(id), { items: [body.items[0]] })).data;
    expect(changed.state).toBe('draft');
    expect(changed.metadata_json.approved_at).toBeUndefined();
  });

  it.each([
    ['PATCH', '', {}],
    ['DELETE', '', undefined],
    ['POST', '/approve', undefined],
    ['POST', '/finalize', undefined],
    ['POST', '/send', { to: 'buyer@example.com' }],
    ['POST', '/cancel', undefined],
  ])('is left alone by %s %s once it is not what the caller saw', async (method, step, sent) => {
    const client = newClient();
    const { id } = await created(client);
    const path = `/invoices/{id}${step}`;
    const ask = (tag: string) => client.call(method, path, at(id), sent, {}, { 'if-match': tag });
    const { headers } = await client.call('PATCH', '/invoices/{id}', at(id), { header: { notes: ['new'] } });
    const refused = await ask('"1"');
    expect([refused.status, parsed(refused).code]).toEqual([412, 'version_mismatch']);
    expect((await client.find(id)).headers).toMatchObject({ ETag: headers.ETag });
    expect(parsed(await client.find(id)).data).toMatchObject({ state: 'draft', metadata_json: { version: 2 } });
    expect((await ask(headers.ETag as string)).status).toBe(200);
  });

  it('is not sent as somebody else changed it meanwhile', async () => {
    const client = newClient();
    const { id } = await created(client);
    const sent = client.call('POST', '/invoices/{id}/send', at(id), undefined, {}, { 'if-match': '"1"' });
    const changed = client.call('PATCH', '/invoices/{id}', at(id), { header: { notes: ['new'] } });
    const statuses = [(await sent).status, (await changed).status];
    expect([
      [200, 409],
      [412, 200],
    ]).toContainEqual(statuses);
  });

  it('is previewed without being stored', async () => {
    const client = newClient();
    const answer = await client.call('POST', '/invoices/preview', {}, { ...body, buyer: { name: 'B' } });
    expect(answer.status).toBe(200);
    const { data, findings } = parsed(answer);
    expect(data.amount).toBe(37_838);
    expect(findings.map(({ rule }: { rule: string }) => rule)).toContain('BR-10');
    expect((await client.call('GET', '/invoices/{id}', at(data.id), undefined)).status).toBe(404);
  });

  it('hears from its preview what names another one already', async () => {
    const client = newClient();
    const named = { header: { invoice_number: 'X-7' }, external_reference: 'order-7' };
    const findings = async () =>
      parsed(await client.call('POST', '/invoices/preview', {}, { ...body, ...named })).findings.map(
        ({ code, pointer }: { code: string; pointer: string }) => [code, pointer],
      );
    expect(await findings()).toEqual([]);
    await created(client, named);
    expect(await findings()).toEqual([
      ['number_taken', '/header/invoice_number'],
      ['external_reference_taken', '/external_reference'],
    ]);
  });
});

it('honours If-Match in every call that changes it', () => {
  const changes = native.routes.filter(({ method, path }) => method !== 'GET' && path.startsWith('/invoices/{id}'));
  expect(changes.length).toBeGreaterThan(9);
  for (const { method, path, headers } of changes)
    expect(headers?.safeParse({ 'if-match': 'any' }).success, `${method} ${path}`).toBe(false);
});

describe('the calculation', () => {
  const query = { explain: 'calculation' };

  it('is told on request, in the members of the answer', async () => {
    const client = newClient();
    const preview = parsed(await client.call('POST', '/invoices/preview', {}, body, query));
    const { id } = await created(client);
    const answer = parsed(await client.call('GET', '/invoices/{id}', at(id), undefined, query));
    expect(preview.calculation).toEqual(answer.calculation);
    expect(answer.calculation).toContainEqual({
      field: 'items.1.line_amount',
      pointer: '/items/1/line_amount',
      term: 'BT-131',
      formula: '19.98',
      result: 1_998,
    });
    expect(answer.calculation).toContainEqual({
      field: 'tax_breakdown.1.tax_amount',
      pointer: '/tax_breakdown/1/tax_amount',
      term: 'BT-117',
      rule: 'BR-CO-17',
      formula: '19.98 × 7 %',
      exact: '139.86',
      result: 140,
      residual: '-0.14',
    });
    expect(answer.calculation.at(-1)).toMatchObject({ field: 'totals.payable_amount', result: answer.data.amount });
    for (const { pointer, result } of answer.calculation.filter(({ term }: { term?: string }) => term)) {
      const told = pointer
        .split('/')
        .slice(1)
        .reduce((value: never, step: string) => value?.[step], answer.data.ubl_json);
      expect(told, pointer).toBe(result);
    }
  });

  it('is not told unasked, nor anything else', async () => {
    const client = newClient();
    const { id } = await created(client);
    expect(parsed(await client.call('GET', '/invoices/{id}', at(id), undefined))).not.toHaveProperty('calculation');
    expect((await client.call('GET', '/invoices/{id}', at(id), undefined, { explain: 'life' })).status).toBe(400);
  });
});

describe('an issued invoice', () => {
  it('is neither changed nor deleted', async () => {
    const client = newClient();
    const { id } = await issued(client);
    for (const [method, content] of [
      ['PATCH', { items: body.items }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await client.call(method, '/invoices/{id}', at(id), content);
      expect(answer.status).toBe(409);
      expect(parsed(answer)).toMatchObject({
        code: 'wrong_state',
        message: expect.stringContaining('Cancel or credit it instead'),
      });
    }
  });

  it.each([
    ['POST', '/payments', { amount: 1 }],
    ['POST', '/payments/{payment}/reverse', undefined],
    ['POST', '/credit-notes', { amount: 1 }],
    ['PATCH', '/dunning', { paused: true }],
    ['POST', '/send', { to: 'buyer@example.com' }],
    ['POST', '/cancel', undefined],
  ])('is left alone by %s %s once it is not what the caller saw', async (method, step, sent) => {
    const client = newClient();
    const { id } = await issued(client);
    const before = (await client.find(id)).headers;
    const payment = parsed(await client.call('POST', '/invoices/{id}/payments', at(id), { amount: 2 })).data.id;
    const seen = (await client.find(id)).headers;
    const ask = (tag: string) =>
      client.call(method, `/invoices/{id}${step}`, { ...at(id), payment }, sent, {}, { 'if-match': tag });
    expect((await ask(before.ETag as string)).status).toBe(412);
    expect((await client.find(id)).headers).toMatchObject({ ETag: seen.ETag });
    expect((await ask(seen.ETag as string)).status).toBeLessThan(300);
  });

  it('is cancelled by a document with its own figures', async () => {
    const client = newClient();
    const { id, amount, ubl_json } = await issued(client);
    const answer = await client.call('POST', '/invoices/{id}/cancel', at(id), { reason: 'Wrong buyer' });
    expect(answer.status, answer.body).toBe(200);
    const { data } = parsed(answer);
    expect(data).toMatchObject({ state: 'cancelled', metadata_json: { cancellation: { reason: 'Wrong buyer' } } });
    const [link] = data.metadata_json.corrections;
    const correction = parsed(await client.call('GET', '/invoices/{id}', at(link.id), undefined)).data;
    expect(correction.related_invoice_id).toBe(id);
    expect(correction.amount).toBe(amount);
    expect(correction.ubl_json.totals).toEqual(ubl_json.totals);
    expect(correction.ubl_json.header).toMatchObject({ invoice_type_code: '381', invoice_number: 'CN-2026-00001' });
    expect(correction.ubl_json.references.preceding_invoices).toEqual([
      { number: ubl_json.header.invoice_number, issue_date: ubl_json.header.issue_date },
    ]);
    expect((await client.call('POST', '/invoices/{id}/cancel', at(id), {})).status).toBe(409);
  });

  it('is credited by lines and amounts, never beyond what it came to', async () => {
    const client = newClient();
    const { id, amount } = await issued(client);
    const credit = (content: object | undefined) => client.call('POST', '/invoices/{id}/credit-notes', at(id), content);
    const first = await credit({ lines: [{ id: '1', quantity: 1 }] });
    expect(first.status, first.body).toBe(201);
    expect(parsed(first).data).toMatchObject({
      amount: 11_900,
      ubl_json: { header: { invoice_number: 'CN-2026-00001', invoice_type_code: '381' } },
    });
    const second = parsed(await credit({ amount: 10_001 })).data;
    expect(second.amount).toBe(10_001);
    expect((await credit({ amount: amount - 21_901 + 1 })).status).toBe(422);
    const rest = parsed(await credit(undefined)).data;
    expect(rest.amount).toBe(amount - 21_901);
    expect((await credit({ amount: 1 })).status).toBe(422);
  });

  it('names the lines that were credited, and the place of a wrong one as it was sent', async () => {
    const client = newClient();
    const { id } = await issued(client);
    const credit = (content: object) => client.call('POST', '/invoices/{id}/credit-notes', at(id), content);
    await credit({ lines: [{ id: '1', quantity: 0.5 }] });
    const { metadata_json } = parsed(await client.find(id)).data;
    expect(metadata_json.corrections).toMatchObject([{ kind: 'credit', lines: [{ id: '1', quantity: 0.5 }] }]);
    const [beyond, mistaken] = [await credit({ lines: [{ id: '1', quantity: 999 }] }), await credit({ lines: [{}] })];
    expect(parsed(beyond).faults).toMatchObject([{ field: 'lines.0.quantity', pointer: '/lines/0/quantity' }]);
    expect(parsed(mistaken).faults).toMatchObject([{ field: 'lines.0.id', pointer: '/lines/0/id' }]);
  });

  it('gives back what was paid before it was issued', async () => {
    const client = newClient();
    const content = { totals: { paid_amount: 5_000 } };
    const [credited, cancelled] = [await issued(client, content), await issued(client, content)];
    const whole = await client.call('POST', '/invoices/{id}/credit-notes', at(credited.id), undefined);
    expect(parsed(whole).data.amount).toBe(credited.amount + 5_000);
    await client.call('POST', '/invoices/{id}/cancel', at(cancelled.id), undefined);
    for (const { id } of [credited, cancelled]) {
      const { data } = parsed(await client.find(id));
      expect(data.metadata_json.credited_amount).toBe(credited.amount + 5_000);
      expect(data.payment_status).toBe('overpaid');
    }
  });

  it('is paid when all of it was paid before', async () => {
    const client = newClient();
    const { amount } = await issued(client);
    expect((await issued(client, { totals: { paid_amount: amount } })).payment_status).toBe('paid');
  });

  it('is taken back by a document that is not taken back itself', async () => {
    const client = newClient();
    const { id } = await issued(client);
    const note = parsed(await client.call('POST', '/invoices/{id}/credit-notes', at(id), { amount: 100 })).data;
    // A credit note with an amount says when it is due (BR-CO-25).
    expect(note.ubl_json.header).toMatchObject({ due_date: note.ubl_json.header.issue_date });
    for (const path of ['/invoices/{id}/cancel', '/invoices/{id}/credit-notes']) {
      const answer = await client.call('POST', path, at(note.id), undefined);
      expect([answer.status, parsed(answer).code]).toEqual([409, 'credit_note']);
    }
    expect(parsed(await client.find(id)).data.metadata_json.credited_amount).toBe(100);
  });

  it('takes payments up to what is open, and one of ten at once', async () => {
    const client = newClient();
    const { id, amount } = await issued(client);
    const pay = (content: object) => client.call('POST', '/invoices/{id}/payments', at(id), content);
    expect(parsed(await pay({ amount: 100, reference: 'R-1' })).invoice.payment_status).toBe('partially_paid');
    expect((await pay({ amount: 100, reference: 'R-1' })).status).toBe(409);
    // A blank reference is none, and names no payment.
    for (const reference of ['', ' ', '']) expect((await pay({ amount: 1, reference })).status).toBe(201);
    const open = amount - 103;
    expect(parsed(await pay({ amount: open + 1 })).message).toMatch(/"allow_overpayment": true/);
    expect(parsed(await pay({ amount: 0 })).message).not.toMatch(/allow_overpayment/);
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay({ amount: open })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 422)]);
    const paid = parsed(answers.find(({ status }) => status === 201) as (typeof answers)[number]);
    expect(paid.invoice).toMatchObject({ payment_status: 'paid', open_amount: 0 });
    expect(parsed(await pay({ amount: 5, allow_overpayment: true })).invoice.payment_status).toBe('overpaid');

    const back = await client.call(
      'POST',
      '/invoices/{id}/payments/{payment}/reverse',
      { id, payment: paid.data.id },
      undefined,
    );
    expect(parsed(back).invoice).toMatchObject({ payment_status: 'partially_paid', open_amount: open - 5 });
    const again = await client.call(
      'POST',
      '/invoices/{id}/payments/{payment}/reverse',
      { id, payment: paid.data.id },
      undefined,
    );
    expect([again.status, parsed(again).code]).toEqual([409, 'payment_reversed']);
    const list = parsed(await client.call('GET', '/invoices/{id}/payments', at(id), undefined)).data;
    expect(list.map(({ amount: each }: { amount: number }) => each)).toEqual([100, 1, 1, 1, open, 5]);
  });

  it('is sent once it has its number', async () => {
    const client = newClient();
    const { id } = await created(client);
    const sent = parsed(await client.call('POST', '/invoices/{id}/send', at(id), undefined)).data;
    expect(sent).toMatchObject({ state: 'sent', ubl_json: { header: { invoice_number: 'INV-2026-00001' } } });
    expect((await client.call('POST', '/invoices/{id}/send', at(id), { network: 'peppol' })).status).toBe(422);
  });
});

describe('an overdue invoice', () => {
  it('says so from the day after its due date on, until it is paid', async () => {
    const client = newClient();
    const { id } = await created(client, { header: { issue_date: '2026-01-05', due_date: '2026-01-19' } });
    const overdue = async () => parsed(await client.find(id)).data.metadata_json.overdue;
    expect(await overdue()).toBeUndefined();
    const answer = await client.call('POST', '/invoices/{id}/finalize', at(id), undefined);
    expect(parsed(answer).data.metadata_json.overdue).toBe(true);
    expect(parsed(await client.list({})).data[0].metadata_json.overdue).toBe(true);
    const paid = await client.call('POST', '/invoices/{id}/payments', at(id), { amount: parsed(answer).data.amount });
    expect(paid.status, paid.body).toBe(201);
    expect(await overdue()).toBe(false);
  });

  it('is not overdue on its due date', async () => {
    const client = newClient();
    const { id } = await created(client, { header: { issue_date: '2026-01-05', due_date: '2026-01-20' } });
    const answer = await client.call('POST', '/invoices/{id}/finalize', at(id), undefined);
    expect(parsed(answer).data.metadata_json.overdue).toBe(false);
  });

  it('is reminded of, unless that is paused', async () => {
    const client = newClient({ dunning: [{ name: 'Reminder', after: 1, fee: 250 }] });
    const issue = async () => {
      const { id } = await created(client, { header: { issue_date: '2026-01-05', due_date: '2026-01-19' } });
      await client.call('POST', '/invoices/{id}/finalize', at(id), undefined);
      return id;
    };
    const [reminded, spared] = [await issue(), await issue()];
    const paused = await client.call('PATCH', '/invoices/{id}/dunning', at(spared), { paused: true });
    expect(paused.status, paused.body).toBe(200);
    await client.invoices.dunning.run();
    const shown = async (id: string) => parsed(await client.find(id)).data.metadata_json.dunning;
    expect(await shown(spared)).toEqual({ level: 0, last_at: null, paused: true, reminders: [] });
    const last_at = '2026-01-20T12:00:00.000Z';
    const reminder = { level: 1, name: 'Reminder', fee: 250, currency: 'EUR', at: last_at };
    expect(await shown(reminded)).toEqual({ level: 1, last_at, paused: false, reminders: [reminder] });
  });

  it('cannot be paused once it is cancelled', async () => {
    const client = newClient();
    const { id } = await issued(client);
    await client.call('POST', '/invoices/{id}/cancel', at(id), undefined);
    const answer = await client.call('PATCH', '/invoices/{id}/dunning', at(id), { paused: true });
    expect(answer.status).toBe(409);
  });
});
