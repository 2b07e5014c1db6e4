/** Where webhooks may go: to the public internet, and nowhere near us. */
import { BlockList, isIP } from 'node:net';

/** Networks of IPv4 that are not the public internet (IANA special-purpose registry). */
const reserved: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local, with the metadata services of all clouds.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** Parts of IPv6's global range that are not: protocols, documentation, tunnels that may end in any IPv4 network. */
const reserved6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const blocked = new BlockList();
for (const [net, bits] of reserved) blocked.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of reserved6) blocked.addSubnet(net, bits, 'ipv6');

/** All of IPv6 that is assigned for the internet; everything else, mapped IPv4 included, stays out. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an IP address may be called. `allowLoopback` is for trying things on one machine. */
export function mayCall(address: string, allowLoopback = false): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const version = family === 4 ? 'ipv4' : 'ipv6';
  if (loopback.check(address, version)) return allowLoopback;
  return !blocked.check(address, version) && (family === 4 || global6.check(address, 'ipv6'));
}

/** What is wrong with a URL, as far as it shows before its name is resolved; nothing when it may be called. */
export function faultInUrl(text: string, allowLoopback = false): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol)) return 'Must be a URL that begins with https://.';
  if (url.username || url.password || url.hash) return 'Must have neither user and password nor a fragment.';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isLocal = /(^|\.)localhost\.?$/i.test(host) || (isIP(host) > 0 && mayCall(host, true) && !mayCall(host));
  if (isLocal && allowLoopback) return undefined;
  if (url.protocol !== 'https:') return 'Must begin with https://.';
  if (isLocal || (isIP(host) > 0 && !mayCall(host))) return 'Must lead to the public internet.';
  return undefined;
}
