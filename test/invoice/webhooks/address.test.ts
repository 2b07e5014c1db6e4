import { describe, expect, it } from 'vitest';
import { faultInUrl, mayCall } from '../../../lib/invoice/webhooks/address.ts';

describe('an address', () => {
  it.each(['93.184.216.34', '1.1.1.1', '2606:2800:220:1:248:1893:25c8:1946', '172.32.0.1', '100.128.0.1', '11.0.0.1'])(
    'of the public internet may be called: %s',
    (address) => expect(mayCall(address)).toBe(true),
  );

  it.each([
    ...['127.0.0.1', '127.8.8.8', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1'],
    ...['169.254.169.254', '169.254.170.2', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1'],
    ...['224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1'],
    ...['::ffff:93.184.216.34', '64:ff9b::a00:1', '2001::1', '2001:db8::1', '2002:a00:1::1', '::127.0.0.1'],
    ...['localhost', '', '1', 'fe80::1%eth0'],
  ])('of any other network may not: %s', (address) => expect(mayCall(address)).toBe(false));

  it.each(['127.0.0.1', '127.8.8.8', '::1'])('of this machine may where that is meant: %s', (address) =>
    expect(mayCall(address, true)).toBe(true),
  );

  it.each(['10.0.0.1', '169.254.169.254', 'fe80::1', '::ffff:10.0.0.1', '0.0.0.0'])(
    'of other networks may not even then: %s',
    (address) => expect(mayCall(address, true)).toBe(false),
  );
});

describe('a URL', () => {
  it.each([
    'https://example.com/hooks?a=b',
    'https://example.com:8443',
    'https://93.184.216.34/',
    'https://[2606:2800::1]/',
  ])('may lead to the public internet: %s', (url) => expect(faultInUrl(url)).toBeUndefined());

  it.each([
    ...['', 'example.com', 'ftp://example.com', 'file:///etc/passwd', 'http://example.com', 'http://93.184.216.34'],
    ...['https://user:pw@example.com', 'https://user@example.com', 'https://example.com/#part'],
    ...['https://localhost', 'https://localhost.', 'https://a.localhost', 'http://localhost:3000', 'https://127.0.0.1'],
    // All of them are 127.0.0.1 or 10.0.0.1 to a URL parser.
    ...['https://2130706433', 'https://0x7f.1', 'https://0177.0.0.1', 'https://127.1', 'https://10.0.1'],
    ...['https://169.254.169.254/latest/meta-data', 'https://[::1]/', 'https://[::ffff:7f00:1]/', 'https://[fd00::1]/'],
  ])('may lead nowhere else: %s', (url) => expect(faultInUrl(url)).toMatch(/^Must /));

  it.each(['http://localhost:4000/x', 'http://127.0.0.1:4000', 'https://[::1]:4000', 'http://127.1'])(
    'may lead to this machine where that is meant: %s',
    (url) => expect(faultInUrl(url, true)).toBeUndefined(),
  );

  it.each(['http://example.com', 'http://10.0.0.1', 'https://192.168.0.1', 'http://169.254.169.254', 'http://0.0.0.0'])(
    'may lead to no other network even then: %s',
    (url) => expect(faultInUrl(url, true)).toMatch(/^Must /),
  );
});
