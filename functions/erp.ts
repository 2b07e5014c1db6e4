import { erp } from '../lib/contracts/erp/index.ts';
import { serve } from '../lib/lambda/http.ts';
import { liveInvoices } from '../lib/live.ts';

export const handler = serve(erp, await liveInvoices());
