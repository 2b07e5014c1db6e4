/**
 * A Lambda execution environment: one worker thread that loads a function's bundle and runs one invocation at a time.
 * Plain JavaScript, because stripping types would double the time that a thread takes to start.
 */
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';

const { file, exportName, context } = workerData;

/** @param {unknown} error */
const described = (error) => ({
  errorType: error instanceof Error ? error.name : typeof error,
  errorMessage: error instanceof Error ? error.message : String(error),
  trace: error instanceof Error ? error.stack : undefined,
});

let requestId;
for (const [method, level] of Object.entries({
  debug: 'DEBUG',
  info: 'INFO',
  log: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
})) {
  // Lambda's JSON log format: one object is the message itself, anything else becomes text.
  console[method] = (...values) => {
    const [first] = values;
    const whole = values.length === 1 && typeof first === 'object' && !(first instanceof Error);
    const line = { timestamp: new Date().toISOString(), level, requestId, message: whole ? first : format(...values) };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
}

const handler = (await import(pathToFileURL(file).href))[exportName];
if (typeof handler !== 'function') throw new Error(`${file} exports no function named ${exportName}.`);

parentPort.on('message', async ({ payload, deadline, ...invocation }) => {
  requestId = invocation.requestId;
  try {
    const result = await handler(JSON.parse(payload), {
      ...context,
      awsRequestId: requestId,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    });
    parentPort.postMessage({ payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    parentPort.postMessage({ error: described(error) });
  }
});
parentPort.postMessage('ready');
