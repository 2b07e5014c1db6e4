import { bookkeeping } from '../lib/contracts/bookkeeping/index.ts';
import { serve } from '../lib/lambda/http.ts';
import { liveInvoices } from '../lib/live.ts';

export const handler = serve(bookkeeping, await liveInvoices());
