/** How an API describes itself. */
import { readFile } from 'node:fs/promises';
import type { Answer } from '../invoice/operation.ts';

/** Where every API describes itself, without a key. */
export const descriptionPath = '/openapi.json';

/** The API's OpenAPI document, which the build lays beside the function. Nobody else's cold start pays for it. */
export const description = async (): Promise<Answer> => ({
  status: 200,
  headers: { 'Cache-Control': 'public, max-age=300' },
  body: await readFile(new URL('openapi.json', import.meta.url), 'utf8'),
});
