/**
 * `npm run redrive`: sends the dead letters of requests back to their queue, on this machine or in a deployed stack. It is safe at
 * any time: what made its invoice before makes no second one, what can never succeed becomes a rejection, and what still cannot
 * be read comes back here.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ListMessageMoveTasksCommand, type SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { deployedRequests, localRequests } from './installation.ts';

const { values } = parseArgs({ options: { outputs: { type: 'string' }, stack: { type: 'string' } } });

/** How many messages were moved, once all were. */
async function moved(client: SQSClient, SourceArn: string): Promise<number> {
  for (;;) {
    const { Results: [task] = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn }));
    if (task?.Status === 'COMPLETED') return task.ApproximateNumberOfMessagesMoved ?? 0;
    if (task?.Status !== 'RUNNING') throw new Error(`Moving ended: ${task?.Status} ${task?.FailureReason ?? ''}`);
    await wait(500);
  }
}

try {
  const { client, queue, deadLetters } = values.outputs
    ? await deployedRequests(values.outputs, values.stack)
    : await localRequests(process.env.DATA_DIR ?? '.data');
  // Named, because events that the rule could not hand over have no queue that they came from.
  await client.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters, DestinationArn: queue }));
  const count = await moved(client, deadLetters);
  console.log(`${count} message${count === 1 ? '' : 's'} sent back.`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
