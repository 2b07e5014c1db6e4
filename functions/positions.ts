import { positions } from '../lib/contracts/positions/index.ts';
import { serve } from '../lib/lambda/http.ts';
import { liveInvoices } from '../lib/live.ts';

export const handler = serve(positions, await liveInvoices());
