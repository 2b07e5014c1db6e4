import { projects } from '../lib/contracts/projects/index.ts';
import { serve } from '../lib/lambda/http.ts';
import { liveInvoices } from '../lib/live.ts';

export const handler = serve(projects, await liveInvoices());
