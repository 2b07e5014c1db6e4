import { describe, expect, it } from 'vitest';
import { parseRates } from '../../lib/invoice/ecb.ts';
import { dailyRates, ratesDocument } from '../support/ecb.ts';

const usd = '<Cube currency="USD" rate="1.1412"/>';
const document = (cubes: string) => ratesDocument(`<Cube time="2026-07-24">${cubes}</Cube>`);

describe('the published document', () => {
  it('is read', () => {
    expect(parseRates(dailyRates('2026-07-24', { USD: '1.1412', JPY: '163.20', IDR: '18543.99' }))).toEqual([
      { date: '2026-07-24', source: 'ECB', rates: { USD: '1.1412', JPY: '163.2', IDR: '18543.99' } },
    ]);
  });

  it('may tell of many days, as the history does', () => {
    const history = ratesDocument(`
      <Cube time='2026-07-24'><Cube currency='USD' rate='1.1'/></Cube>
      <Cube time='2026-07-23'><Cube currency='USD' rate='1.2'/><Cube currency='BGN' rate='1.9558'/></Cube>`);
    expect(parseRates(history).map(({ date, rates }) => [date, Object.keys(rates)])).toEqual([
      ['2026-07-24', ['USD']],
      ['2026-07-23', ['USD', 'BGN']],
    ]);
  });

  it('may have either quotes and no declaration', () => {
    const plain = dailyRates('2026-07-24', { USD: '1.1412' });
    expect(parseRates(plain.replaceAll("'", '"').replace(/<\?xml.*\?>\s*/, ''))).toEqual(parseRates(plain));
  });
});

describe('nothing is read of', () => {
  const whole = dailyRates('2026-07-24', { USD: '1.1412', JPY: '163.2' });

  it.each([
    ['an empty body', ''],
    ['a page of HTML', '<!doctype html><html><body>Maintenance</body></html>'],
    ['an envelope without a day', ratesDocument('')],
    ['a day without rates', document('')],
    ['a day that is not closed', ratesDocument(`<Cube time="2026-07-24">${usd}`)],
    ['another envelope', document(usd).replace('<gesmes:Envelope', '<gesmes:Envelop')],
    ['a day that does not exist', ratesDocument(`<Cube time="2026-02-30">${usd}</Cube>`)],
    ['a day that is there twice', ratesDocument(`<Cube time="2026-07-24">${usd}</Cube>`.repeat(2))],
    ['a currency that is there twice', document(usd.repeat(2))],
    ['a rate of 0', document('<Cube currency="USD" rate="0.0000"/>')],
    ['a negative rate', document('<Cube currency="USD" rate="-1.1"/>')],
    ['a rate that is no number', document('<Cube currency="USD" rate="N/A"/>')],
    ['a rate with a comma', document('<Cube currency="USD" rate="1,1412"/>')],
    ['a rate in exponents', document('<Cube currency="USD" rate="1e3"/>')],
    ['a currency in small letters', document('<Cube currency="usd" rate="1.1"/>')],
    ['an unknown element', document(`${usd}<Note/>`)],
    ['an element that is not closed', document('<Cube currency="USD" rate="1.1">')],
    ['a second document', whole + whole],
    ['something after it', `${whole}x`],
  ])('%s', (_, xml) => {
    expect(() => parseRates(xml)).toThrow();
  });

  it('a document that was cut off anywhere', () => {
    for (let length = 0; length < whole.trimEnd().length; length++) {
      expect(() => parseRates(whole.slice(0, length)), whole.slice(0, length)).toThrow();
    }
  });

  it('much of nothing, read once: going back over it would outlast any test', () => {
    for (const filler of [' ', '<Cube>', '<Cube time="2026-07-24">', '</Cube>', '<gesmes:Envelope ']) {
      expect(() => parseRates(`<gesmes:Envelope x><Cube>${filler.repeat(2_000_000 / filler.length)}`)).toThrow();
      expect(() => parseRates(ratesDocument(filler.repeat(2_000_000 / filler.length)))).toThrow();
    }
  });
});
