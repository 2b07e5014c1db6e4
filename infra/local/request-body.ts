import type { IncomingMessage } from 'node:http';

/** Reads a request to its end, so that the client gets to read the answer; `undefined` when it is larger than `limit`. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    else chunks = [];
  }
  return length <= limit ? Buffer.concat(chunks) : undefined;
}
