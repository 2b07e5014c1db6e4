import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../lib/lambda/json.ts';

const read = (text: string) => {
  const result = parseJson(text);
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.value;
};
const faultsOf = (text: string) => {
  const result = parseJson(text);
  return 'faults' in result ? result.faults.map(({ path, code }) => [path.join('.'), code]) : [];
};
const messageOf = (text: string) => {
  const result = parseJson(text);
  return 'faults' in result ? result.faults.at(-1)?.message : undefined;
};

const forbidden = ['__proto__', 'constructor', 'prototype'];
const allowedText = fc.string({ unit: 'grapheme' }).filter((text) => !/[^\P{Cc}\t\n\r]|\ufffd/u.test(text));
const allowedName = allowedText.filter((text) => !/\p{Cc}/u.test(text) && !forbidden.includes(text));
const { value: allowedValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      allowedText,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value')),
    fc.dictionary(allowedName, tie('value')),
  ),
}));

describe('parseJson', () => {
  it('reads what JSON.parse reads, however it is spaced and escaped', () => {
    fc.assert(
      fc.property(allowedValue, fc.constantFrom('', ' ', '\t', '\n'), fc.boolean(), (value, space, escaped) => {
        let text = JSON.stringify(value, null, space);
        if (escaped)
          text = text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses every text that JSON.parse refuses', () => {
    const broken = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', '\\', '0', ':', ' ', 'x'));
    fc.assert(
      fc.property(broken, ([json, at, insert]) => {
        const text = json.slice(0, at % (json.length + 1)) + insert + json.slice((at % (json.length + 1)) + 1);
        let sound = true;
        try {
          JSON.parse(text);
        } catch {
          sound = false;
        }
        if (!sound) expect(faultsOf(text)).not.toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "'a'",
    '01',
    '1.',
    '.5',
    '+1',
    '-',
    '1e',
    'NaN',
    'Infinity',
    'tru',
    'nul',
    '"a',
    '"\\x"',
    '"\\u12g4"',
    '1 2',
    '[1}',
    '//',
    '{"a"}',
  ])('refuses %j', (text) => {
    expect(faultsOf(text).map(([, code]) => code)).toEqual(['invalid_json']);
  });

  it('says where the syntax breaks', () => {
    expect(messageOf('{\n  "a": 1,\n  b')).toContain('"b" was not expected at line 3, column 3');
    expect(messageOf('[1')).toContain('the end was not expected at line 1, column 3');
  });

  it.each([
    ['duplicates', '{"a":{"b":1,"b":2}}', 'a.b', 'duplicate_member'],
    ['duplicates that are spelled differently', '{"a":1,"\\u0061":2}', 'a', 'duplicate_member'],
    ['__proto__', '{"__proto__":{}}', '__proto__', 'forbidden_name'],
    ['constructor', '[{"constructor":1}]', '0.constructor', 'forbidden_name'],
    ['prototype, escaped', '{"\\u0070rototype":1}', 'prototype', 'forbidden_name'],
    ['raw control characters', '{"a":"x\u0001"}', 'a', 'control_character'],
    ['raw line feeds', '{"a":"x\ny"}', 'a', 'control_character'],
    ['escaped control characters', '{"a":"\\u0000"}', 'a', 'control_character'],
    ['C1 control characters', '{"a":"\u0085"}', 'a', 'control_character'],
    ['line feeds in names', '{"a\\n":1}', '', 'control_character'],
    ['lone surrogates', '["\ud800"]', '0', 'lone_surrogate'],
    ['escaped lone surrogates', '["\\udc00x"]', '0', 'lone_surrogate'],
    ['traces of broken UTF-8', '["a\ufffd"]', '0', 'replacement_character'],
    ['integers beyond doubles', '{"a":9007199254740993}', 'a', 'imprecise_number'],
    ['fractions beyond doubles', '[0.12345678901234567890]', '0', 'imprecise_number'],
    ['overflow', '[1e400]', '0', 'imprecise_number'],
    ['underflow', '[1e-400]', '0', 'imprecise_number'],
    ['a byte order mark', '\ufeff{}', '', 'byte_order_mark'],
    ['names without end', `{"${'n'.repeat(257)}":1}`, '', 'name_too_long'],
  ])('refuses %s', (_, text, path, code) => {
    expect(faultsOf(text)).toEqual([[path, code]]);
  });

  it.each([
    '0.10',
    '1.0',
    '100e-2',
    '0.1e1',
    '1234567890123000000000000',
    '1e21',
    '-0',
    '9007199254740992',
    '5e-324',
    '0e999',
    '0.000000000000000000001',
  ])('takes %s, which a double names exactly', (text) => {
    expect(read(text)).toBe(Number(text));
  });

  it('takes tab, line feed and carriage return in text', () => {
    expect(read('"a\\t\\r\\n\\u0009"')).toBe('a\t\r\n\t');
  });

  it('reports all faults together', () => {
    expect(faultsOf('{"a":"\\u0001","b":1e999,"c":[{"d":1,"d":2}]}')).toEqual([
      ['a', 'control_character'],
      ['b', 'imprecise_number'],
      ['c.0.d', 'duplicate_member'],
    ]);
    expect(faultsOf(`[${'1e999,'.repeat(500)}0]`)).toHaveLength(100);
  });

  it('allows 32 levels and no more, without going deeper', () => {
    expect(faultsOf('['.repeat(32) + ']'.repeat(32))).toEqual([]);
    expect(faultsOf('['.repeat(33) + ']'.repeat(33)).map(([, code]) => code)).toEqual(['too_deep']);
    expect(faultsOf('{"a":'.repeat(1e6)).map(([, code]) => code)).toEqual(['too_deep']);
  });

  it('allows a hundred thousand values and no more', () => {
    const list = (entries: number) => `[${Array(entries).fill('{}').join(',')}]`;
    expect(faultsOf(list(99_999))).toEqual([]);
    expect(faultsOf(list(100_000))).toEqual([['99999', 'too_many_values']]);
  });

  it('does not touch prototypes', () => {
    expect(Object.getPrototypeOf(read('{"toString":1}'))).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each([
    ['one long text', JSON.stringify('A'.repeat(5e6))],
    ['escapes', `"${'\\n'.repeat(2.5e6)}"`],
    ['quotes', `"${'\\"'.repeat(2.5e6)}"`],
    ['backslashes', `"${'\\\\'.repeat(2.5e6)}"`],
    ['numbers', `[${'1,'.repeat(2.5e6)}1]`],
    ['one long number', `1${'0'.repeat(2.5e6)}1${'0'.repeat(2.5e6)}1`],
    ['nesting', '['.repeat(5e6)],
  ])('is quick with 5 MB of %s', (_, text) => {
    const start = process.cpuUsage();
    parseJson(text);
    const { user } = process.cpuUsage(start);
    expect(user / 1000).toBeLessThan(2000);
  });
});
