/** EventBridge rules that run by the clock. */
import { randomUUID } from 'node:crypto';
import type { LambdaFunction } from './functions.ts';
import { accountId, region, type Template } from './template.ts';

interface RuleProperties {
  ScheduleExpression?: string;
  State?: string;
  Targets?: { Arn: string; Input?: string }[];
}

const units: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Starts the template's scheduled rules; returns what ends them. */
export function startSchedules(template: Template, functions: ReadonlyMap<string, LambdaFunction>): () => void {
  const timers = template.resources<RuleProperties>('AWS::Events::Rule').flatMap(({ logicalId, properties }) => {
    const { ScheduleExpression, State, Targets = [] } = properties;
    if (!ScheduleExpression || State === 'DISABLED') return [];
    const run = () => {
      for (const { Arn, Input } of Targets) {
        const event = Input ? JSON.parse(Input) : scheduledEvent(logicalId);
        functions.get(Arn.split(':').at(-1) ?? '')?.invoke(event);
      }
    };
    return [setInterval(run, milliseconds(ScheduleExpression)).unref()];
  });
  return () => timers.forEach(clearInterval);
}

/** The period of `rate(5 minutes)`. */
export function milliseconds(expression: string): number {
  const [, value, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const factor = units[unit];
  if (!value || !factor) throw new Error(`The local stack does not know the schedule ${expression}.`);
  return Number(value) * factor;
}

const scheduledEvent = (rule: string) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: accountId,
  time: new Date().toISOString(),
  region,
  resources: [`arn:aws:events:${region}:${accountId}:rule/${rule}`],
  detail: {},
});
