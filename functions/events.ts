import { eventIntake } from '../lib/lambda/events.ts';
import { liveDelivery, liveEvents } from '../lib/live.ts';

const delivery = liveDelivery(() => import('../lib/mail/ses.ts'));

/** Takes events from their queue: plain SQS events with EventBridge's envelopes. */
export const handler = eventIntake(await liveEvents(delivery));
