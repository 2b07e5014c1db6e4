import { invoices } from '../lib/contracts/invoices/index.ts';
import { serve } from '../lib/lambda/http.ts';
import { liveInvoices } from '../lib/live.ts';

export const handler = serve(invoices, await liveInvoices());
