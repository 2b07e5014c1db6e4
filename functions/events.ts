import { eventIntake } from '../lib/lambda/events.ts';
import { liveEvents } from '../lib/live.ts';

/** Takes events from their queue: plain SQS events with EventBridge's envelopes. */
export const handler = eventIntake(await liveEvents());
