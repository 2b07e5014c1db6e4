/** A series that is being restored gives out no numbers: those that it would give may have been given already. */
import { InvoiceError } from './failure.ts';
import type { Series } from './model.ts';

/** When to ask again, in seconds. Nobody knows how long a restore takes; asking more often would not end it. */
const retryAfter = 60;

/** The refusal of a series that gives out no numbers for now. */
export const frozen = ({ name }: Series) => new InvoiceError({ kind: 'series-frozen', series: name, retryAfter });

/** Refuses before anything is stored. Who was let through a moment before the freeze is held up by the counter. */
export function mustGive(series: Series): void {
  if (series.frozenAt !== undefined) throw frozen(series);
}

/** Finishes what somebody left: a ticket whose number turned out to be taken gets no other one now, and stays. */
export async function unlessFrozen(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof InvoiceError && error.failure.kind === 'series-frozen')) throw error;
  }
}
