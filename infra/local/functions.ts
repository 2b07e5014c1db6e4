/** Runs the template's Lambda functions: each from its bundle, in threads of its own, as Lambda would run it. */
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { accountId, region, type Template } from './template.ts';

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: string;
}

/** A result is JSON text, as over the Invoke API. */
export type Outcome = { readonly payload: string } | { readonly error: FunctionError };

export interface LambdaFunction {
  readonly name: string;
  /** Starts one environment ahead of the first invocation. */
  warm(): void;
  invoke(event: unknown): Promise<Outcome>;
  stop(): Promise<void>;
}

interface FunctionProperties {
  Code: { S3Key: string };
  Handler: string;
  Timeout?: number;
  MemorySize?: number;
  Environment?: { Variables?: Record<string, string> };
}

/** Lambda's limit for the payload of a synchronous invocation, either way. */
const payloadLimit = 6 * 1024 * 1024;
/** Threads of one function at a time; more invocations wait. On AWS the account's concurrency is the ceiling. */
const concurrency = 8;
/** Threads that stay when there is nothing to do, and how long the others do. */
const idleThreads = 4;
const idleMilliseconds = 10_000;
/** Lambda's limit for loading a function. */
const initMilliseconds = 10_000;

const failure = (errorType: string, errorMessage: string): Outcome => ({ error: { errorType, errorMessage } });

/** The error type of an invocation that was not begun because its event is too large. */
export const requestTooLarge = 'RequestEntityTooLargeException';

/**
 * Every function of the template, by name.
 * @param environment what Lambda and the local stack add to the variables of a function. Nothing else is inherited.
 * @param log where a function's output goes.
 */
export function functionsOf(
  template: Template,
  environment: (functionName: string) => Record<string, string>,
  log: (functionName: string) => Writable,
): Map<string, LambdaFunction> {
  return new Map(
    template.resources<FunctionProperties>('AWS::Lambda::Function').map(({ logicalId, properties }) => {
      const folder = template.asset(properties.Code.S3Key);
      return [logicalId, lambdaFunction(logicalId, folder, properties, environment(logicalId), log(logicalId))];
    }),
  );
}

interface Job {
  readonly payload: string;
  readonly settle: (outcome: Outcome) => void;
}

interface Thread {
  readonly worker: Worker;
  job?: Job;
  /** Ends the invocation, or an idle thread. */
  timer?: NodeJS.Timeout;
}

function lambdaFunction(
  name: string,
  folder: string,
  properties: FunctionProperties,
  environment: Record<string, string>,
  log: Writable,
): LambdaFunction {
  const { Handler, Timeout = 3, MemorySize = 128, Environment } = properties;
  const [module = 'index', exportName = 'handler'] = Handler.split('.');
  const options = {
    env: { ...environment, ...lambdaVariables(name, MemorySize, folder, Handler), ...Environment?.Variables },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MemorySize },
    stdout: true,
    stderr: true,
    workerData: { file: join(folder, `${module}.mjs`), exportName, context: contextOf(name, MemorySize) },
  };
  const queue: Job[] = [];
  const threads = new Set<Thread>();
  const idle: Thread[] = [];
  let starting = 0;

  function start(): void {
    starting++;
    const worker = new Worker(new URL('./runtime.mjs', import.meta.url), options);
    const thread: Thread = { worker };
    threads.add(thread);
    for (const output of [worker.stdout, worker.stderr]) output.on('data', (chunk) => log.write(chunk));
    let ready = false;
    let reason = failure('Runtime.ExitError', 'The runtime exited without providing a reason.');
    const began = () => {
      if (!ready) starting--;
      ready = true;
    };
    thread.timer = setTimeout(() => worker.terminate(), initMilliseconds);
    worker.on('message', (message: 'ready' | Outcome) => {
      if (!threads.has(thread)) return;
      clearTimeout(thread.timer);
      if (message === 'ready') began();
      else finish(thread, message);
      rest(thread);
    });
    worker.on('error', (error) => {
      reason = failure(error.name, error.message);
    });
    worker.on('exit', () => {
      forget(thread);
      // A bundle that cannot be loaded fails the invocation that it was started for.
      if (!ready) thread.job = queue.shift();
      began();
      finish(thread, reason);
      pump();
    });
  }

  function finish(thread: Thread, outcome: Outcome): void {
    const { job } = thread;
    thread.job = undefined;
    if (!job) return;
    if ('error' in outcome) log.write(`${JSON.stringify({ level: 'ERROR', function: name, ...outcome.error })}\n`);
    const tooLarge = 'payload' in outcome && Buffer.byteLength(outcome.payload) > payloadLimit;
    job.settle(tooLarge ? failure('Function.ResponseSizeTooLarge', 'Response payload size exceeded.') : outcome);
  }

  /** From here on the thread gets no work, whatever it still has to say. */
  function forget(thread: Thread): void {
    clearTimeout(thread.timer);
    threads.delete(thread);
    const place = idle.indexOf(thread);
    if (place >= 0) idle.splice(place, 1);
  }

  function end(thread: Thread): void {
    forget(thread);
    thread.worker.terminate();
  }

  function rest(thread: Thread): void {
    idle.push(thread);
    thread.timer = setTimeout(() => {
      if (idle.length > idleThreads) end(thread);
    }, idleMilliseconds).unref();
    pump();
  }

  function pump(): void {
    while (queue.length > 0 && idle.length > 0) run(idle.pop() as Thread, queue.shift() as Job);
    // Threads start a few at a time: on a laptop a burst is over sooner when it does not wait for sixteen of them.
    const wanted = Math.min(queue.length, concurrency - threads.size + starting, availableParallelism());
    while (starting < wanted) start();
  }

  function run(thread: Thread, job: Job): void {
    clearTimeout(thread.timer);
    thread.job = job;
    const requestId = randomUUID();
    thread.worker.postMessage({ payload: job.payload, requestId, deadline: Date.now() + Timeout * 1000 });
    thread.timer = setTimeout(() => {
      finish(thread, failure('Sandbox.Timedout', `Task timed out after ${Timeout.toFixed(2)} seconds`));
      end(thread);
    }, Timeout * 1000);
  }

  return {
    name,
    warm() {
      if (threads.size === 0) start();
    },
    async invoke(event) {
      const payload = JSON.stringify(event);
      if (Buffer.byteLength(payload) > payloadLimit) {
        return failure(requestTooLarge, `Request must be smaller than ${payloadLimit} bytes.`);
      }
      return new Promise((settle) => {
        queue.push({ payload, settle });
        pump();
      });
    },
    async stop() {
      queue.length = 0;
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

/** The variables that Lambda sets for every function. */
const lambdaVariables = (name: string, memory: number, folder: string, handler: string): Record<string, string> => ({
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
  LAMBDA_TASK_ROOT: folder,
  _HANDLER: handler,
  TZ: ':UTC',
});

const contextOf = (functionName: string, memory: number) => ({
  functionName,
  functionVersion: '$LATEST',
  invokedFunctionArn: `arn:aws:lambda:${region}:${accountId}:function:${functionName}`,
  memoryLimitInMB: String(memory),
  logGroupName: `/aws/lambda/${functionName}`,
  logStreamName: 'local',
  callbackWaitsForEmptyEventLoop: true,
});
