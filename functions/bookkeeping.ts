import { bookkeeping } from '../lib/contracts/bookkeeping/index.ts';
import { serve } from '../lib/lambda/http.ts';
import { liveDelivery, liveInvoices } from '../lib/live.ts';

const delivery = liveDelivery(() => import('../lib/mail/ses.ts'));

export const handler = serve(bookkeeping, await liveInvoices(delivery));
