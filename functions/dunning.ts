import { liveInvoices } from '../lib/live.ts';

const open = await liveInvoices();

/** Runs on a schedule: reminds of invoices that are overdue. */
export const handler = async (): Promise<void> => open().invoices.dunning.run();
