import { liveInvoices } from '../lib/live.ts';

const open = await liveInvoices();

/** Runs on a schedule: finishes what crashed processes left open. */
export const handler = async (): Promise<void> => open().invoices.sweep();
