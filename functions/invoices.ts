import { invoices } from '../lib/contracts/invoices/index.ts';
import { serve } from '../lib/lambda/http.ts';
import { liveDelivery, liveInvoices } from '../lib/live.ts';

const delivery = liveDelivery(() => import('../lib/mail/ses.ts'));

export const handler = serve(invoices, await liveInvoices(delivery));
