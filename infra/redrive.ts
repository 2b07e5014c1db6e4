/** `npm run redrive`: sends dead letters back to their queue, on this machine or in a deployed stack. */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ListMessageMoveTasksCommand, type SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { run, UsageError } from './command.ts';
import { deployedQueue, localQueue, type QueueName, queueNames } from './installation.ts';

const usage = `Usage: npm run redrive -- [requests|webhooks] [options]

  requests   events that asked for invoices, which is meant when nothing is named
  webhooks   events that could not be taken to webhooks

It is safe at any time: what made its invoice or went to a webhook before does so no second time, what can never succeed becomes
a rejection, and what still cannot be handled comes back to the dead letters.

For a deployed stack add --outputs outputs.json, and --stack <name> if there are several in the file.`;

/** How many messages were moved, once all were. */
async function moved(client: SQSClient, SourceArn: string): Promise<number> {
  for (;;) {
    const { Results: [task] = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn }));
    if (task?.Status === 'COMPLETED') return task.ApproximateNumberOfMessagesMoved ?? 0;
    if (task?.Status !== 'RUNNING') throw new Error(`Moving ended: ${task?.Status} ${task?.FailureReason ?? ''}`);
    await wait(500);
  }
}

const options = { outputs: { type: 'string' }, stack: { type: 'string' } } as const;

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const name = (positionals[0] ?? 'requests') as QueueName;
  if (!queueNames.includes(name) || positionals.length > 1)
    throw new UsageError(`There are no ${positionals.join(' ')}.`);
  const { client, queue, deadLetters } = values.outputs
    ? await deployedQueue(values.outputs, name, values.stack)
    : await localQueue(process.env.DATA_DIR ?? '.data', name);
  // Named, because events that the rule could not hand over have no queue that they came from.
  await client.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters, DestinationArn: queue }));
  const count = await moved(client, deadLetters);
  console.log(`${count} message${count === 1 ? '' : 's'} sent back.`);
}

await run(main, usage);
