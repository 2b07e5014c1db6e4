import { eventBus } from '../lib/lambda/event-bus.ts';
import { relay } from '../lib/lambda/relay.ts';
import { liveRelay } from '../lib/live.ts';

const { client, bus, ...rest } = liveRelay();

/** Publishes what the table's stream tells, and on a schedule what was left behind. */
export const handler = relay({ ...rest, publish: eventBus(client, bus) });
