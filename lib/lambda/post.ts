/** Posting to addresses that strangers chose: only to the public internet, without following anybody anywhere else. */
import { lookup as resolve } from 'node:dns/promises';
import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { faultInUrl, mayCall } from '../invoice/webhooks/address.ts';
import type { Posted } from '../invoice/webhooks/delivering.ts';

/** From resolving the name to the answer's status, in milliseconds. */
const timeout = 10_000;

export interface Posting {
  readonly allowLoopback: boolean;
  /** All addresses of a name. */
  addresses?(name: string): Promise<string[]>;
  /** Milliseconds instead of ten seconds. */
  readonly timeout?: number;
}

const resolved = async (name: string): Promise<string[]> =>
  (await resolve(name, { all: true, verbatim: true })).map(({ address }) => address);

class Forbidden extends Error {}

/** Every address that a URL leads to must be one that may be called; the connection goes to the first of them. */
async function addressFor(url: URL, { allowLoopback, addresses = resolved }: Posting): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const all = isIP(host) ? [host] : await addresses(host);
  const [first] = all;
  if (first === undefined || !all.every((each) => mayCall(each, allowLoopback))) {
    throw new Forbidden('The name does not lead to the public internet.');
  }
  return first;
}

/** What posts a message; says the status of the answer, or why there was none. */
export const poster = (posting: Posting) =>
  async function post(target: string, headers: Record<string, string>, body: string): Promise<Posted> {
    const fault = faultInUrl(target, posting.allowLoopback);
    if (fault) return { error: fault };
    const signal = AbortSignal.timeout(posting.timeout ?? timeout);
    try {
      const url = new URL(target);
      const address = await Promise.race([addressFor(url, posting), aborted(signal)]);
      return { status: await send(url, address, headers, body, signal) };
    } catch (error) {
      if (signal.aborted) return { error: 'There was no answer in time.' };
      const reason = reasonOf(error);
      // A fault of our own must not count against whoever waits for the call.
      if (reason === undefined) throw error;
      return { error: reason };
    }
  };

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/** What the log may tell of a call that failed: our own words, or the code of the system, Node or OpenSSL. */
const reasonOf = (error: unknown): string | undefined =>
  error instanceof Forbidden ? error.message : (error as NodeJS.ErrnoException).code;

function send(
  url: URL,
  address: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const options: RequestOptions = {
    method: 'POST',
    // One connection a message: no pool keeps what a name led to before.
    agent: false,
    signal,
    headers: {
      ...headers,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'User-Agent': 'invoice-functions',
    },
    // The address that was checked is the one that is called, whatever the name leads to by now.
    lookup: (_, { all }, callback) => {
      const family = isIP(address);
      if (all) callback(null, [{ address, family }]);
      else callback(null, address, family);
    },
  };
  return new Promise((settle, reject) => {
    const posting = request(url, options, (response) => {
      // What it says is nobody's business; a redirect is an answer like any other.
      response.destroy();
      settle(response.statusCode ?? 0);
    });
    posting.once('error', reject);
    posting.end(body);
  });
}
