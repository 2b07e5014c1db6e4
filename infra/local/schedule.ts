/** EventBridge rules that run by the clock. */
import { randomUUID } from 'node:crypto';
import type { LambdaFunction } from './functions.ts';
import { accountId, region, type Template } from './template.ts';

interface RuleProperties {
  ScheduleExpression?: string;
  State?: string;
  Targets?: { Arn: string; Input?: string }[];
}

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
    return [repeat(ScheduleExpression, run).unref()];
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

const minute = 60_000;
const units: Record<string, number> = { minute, hour: 60 * minute, day: 24 * 60 * minute };

/** Runs as `rate(5 minutes)` or `cron(30 16 ? * MON-FRI *)` says. */
function repeat(expression: string, run: () => void): NodeJS.Timeout {
  const [, value, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const period = Number(value) * (units[unit] ?? 0);
  if (period) return setInterval(run, period);
  const fields = /^cron\((\S+ \S+ \S+ \S+ \S+) \*\)$/.exec(expression)?.[1]?.split(' ');
  if (!fields) throw new Error(`The local stack does not know the schedule ${expression}.`);
  return setInterval(() => isDue(fields, new Date()) && run(), minute);
}

const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Whether a minute is one that the fields of a cron expression name: minute, hour, day, month, day of the week; in UTC. */
export function isDue(fields: readonly string[], time: Date): boolean {
  const values = [
    time.getUTCMinutes(),
    time.getUTCHours(),
    time.getUTCDate(),
    time.getUTCMonth() + 1,
    // EventBridge counts days from Sunday, which is 1.
    time.getUTCDay() + 1,
  ];
  return fields.every((field, index) => field.split(',').some((part) => names(part, values[index] as number)));
}

/** Whether a part of a field, such as `*`, `7`, `1-5`, `MON-FRI` or `0/15`, names a value. */
function names(part: string, value: number): boolean {
  if (part === '*' || part === '?') return true;
  const [, from = '', to, step] = /^(\w+|\*)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
  const number = (text: string) => (days.includes(text) ? days.indexOf(text) + 1 : Number(text));
  const first = from === '*' ? 0 : number(from);
  const last = to ? number(to) : step ? Number.POSITIVE_INFINITY : first;
  return value >= first && value <= last && (value - first) % Number(step ?? 1) === 0;
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
