/** The scheduled function that anchors: it writes the heads of all chains down where nobody can change them. */
import { headsOf, toLine } from '../invoice/anchors.ts';
import type { Timestamp } from '../invoice/document.ts';

export interface AnchorTask {
  readonly store: Parameters<typeof headsOf>[0];
  /** Keeps a text under a name. */
  put(name: string, text: string): Promise<void>;
  now(): Timestamp;
}

/** Throws whatever is wrong, so that the function's alarm tells of it. */
export const anchorTask =
  ({ store, put, now }: AnchorTask) =>
  async (): Promise<{ heads: number }> => {
    const at = now();
    const lines: string[] = [];
    for await (const head of headsOf(store, at)) lines.push(toLine(head));
    if (lines.length > 0) await put(`${at}.jsonl`, lines.join(''));
    return { heads: lines.length };
  };
