/** Amazon EventBridge: events put on the template's buses go to the targets of the rules that match them. */
import { randomUUID } from 'node:crypto';
import { type Service, ServiceError } from './aws-json.ts';
import { matches, type Pattern } from './event-pattern.ts';
import type { LambdaFunction } from './functions.ts';
import type { Queues } from './queues.ts';
import { accountId, region, type Template } from './template.ts';

interface Entry {
  EventBusName?: string;
  Source?: string;
  DetailType?: string;
  Detail?: string;
  Resources?: string[];
  /** Seconds since the epoch. */
  Time?: number;
}

interface RuleProperties {
  EventBusName?: string;
  EventPattern?: Pattern;
  State?: string;
  Targets?: Record<string, unknown>[];
}

/** An event is its JSON: what its publisher wrote as detail stays as it was written, numbers and repeated members too. */
type Deliver = (event: string) => void;

const mostEntries = 10;
/** Bytes of all entries together. */
const largestRequest = 1024 * 1024;

export function eventBridge(
  template: Template,
  queues: Queues,
  functions: ReadonlyMap<string, LambdaFunction>,
): Service {
  const buses = ['default', ...template.resources<{ Name: string }>('AWS::Events::EventBus').map(nameOf)];
  const rules = template.resources<RuleProperties>('AWS::Events::Rule').flatMap(({ properties }) => {
    const { EventBusName: bus = 'default', EventPattern: pattern, State, Targets = [] } = properties;
    if (!pattern || State === 'DISABLED') return [];
    return [{ bus, pattern, targets: Targets.map((target) => delivery(target, queues, functions)) }];
  });

  function put(entry: Entry): object {
    const bus = (entry.EventBusName ?? 'default').split('/').at(-1) ?? '';
    if (!buses.includes(bus)) {
      throw new ServiceError('ResourceNotFoundException', `Event bus ${bus} does not exist; there are ${buses}.`);
    }
    const fault = faultIn(entry);
    if (fault) return fault;
    const id = randomUUID();
    const event = toEvent(id, entry);
    const parsed = JSON.parse(event) as object;
    for (const { targets } of rules.filter((rule) => rule.bus === bus && matches(rule.pattern, parsed))) {
      for (const deliver of targets) deliver(event);
    }
    return { EventId: id };
  }

  return {
    version: '1.1',
    target: 'AWSEvents',
    actions: {
      PutEvents({ Entries: entries = [] }: { Entries?: Entry[] }) {
        if (entries.length === 0 || entries.length > mostEntries) {
          throw new ServiceError('ValidationException', `Entries must have 1 to ${mostEntries} members.`);
        }
        if (Buffer.byteLength(entries.map(({ Detail = '' }) => Detail).join('')) > largestRequest) {
          throw new ServiceError('ValidationException', `Total size of the entries is over ${largestRequest} bytes.`);
        }
        const Entries = entries.map(put);
        return { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries };
      },
    },
  };
}

const nameOf = ({ properties: { Name } }: { properties: { Name: string } }) => Name;

/** How a target gets its events. What would change them on the way is not known here. */
function delivery(
  { Arn, Id: _, DeadLetterConfig: __, RetryPolicy: ___, ...others }: Record<string, unknown>,
  queues: Queues,
  functions: ReadonlyMap<string, LambdaFunction>,
): Deliver {
  const [more] = Object.keys(others);
  if (more) throw new Error(`The local stack does not know the ${more} of a rule's target.`);
  const queue = queues.byArn(String(Arn));
  if (queue) return (event) => queues.send(queue, { body: event });
  const target = functions.get(String(Arn).split(':').at(-1) ?? '');
  if (target) return (event) => void target.invoke(JSON.parse(event));
  throw new Error(`The local stack does not know the target ${Arn} of a rule.`);
}

function faultIn({ Source, DetailType, Detail }: Entry): object | undefined {
  const fault = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
    if (!value)
      return fault('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  }
  if (Source?.startsWith('aws.')) return fault('NotAuthorizedForSourceException', 'Not authorized for the source.');
  try {
    const detail: unknown = JSON.parse(Detail ?? '');
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return undefined;
  } catch {
    // Told below.
  }
  return fault('MalformedDetail', 'Detail is malformed.');
}

function toEvent(id: string, { Source, DetailType, Detail, Resources = [], Time }: Entry): string {
  const envelope = JSON.stringify({
    version: '0',
    id,
    'detail-type': DetailType,
    source: Source,
    account: accountId,
    // EventBridge knows no parts of a second.
    time: `${new Date(Time === undefined ? Date.now() : Time * 1_000).toISOString().slice(0, 19)}Z`,
    region,
    resources: Resources,
  });
  return `${envelope.slice(0, -1)},"detail":${Detail}}`;
}
