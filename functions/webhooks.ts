import { poster } from '../lib/lambda/post.ts';
import { webhookTask } from '../lib/lambda/webhooks.ts';
import { liveWebhooks } from '../lib/live.ts';

const { allowLoopback, ...task } = liveWebhooks();

/** Tells webhooks what happened, and on a schedule those again that were not reached. */
export const handler = webhookTask({ ...task, post: poster({ allowLoopback }) });
