/** Collects what arrives together. */

/** How long to wait for more after the last arrival, and how long altogether, in milliseconds. */
const lull = 4;
const longest = 25;

export interface Waiting<Input, Output> {
  readonly input: Input;
  resolve(output: Output): void;
  reject(error: unknown): void;
}

/** Makes a function of one input out of work on many: callers that arrive together wait for each other. */
export function gather<Input, Output>(
  work: (waiting: readonly Waiting<Input, Output>[]) => Promise<void>,
): (input: Input) => Promise<Output> {
  let waiting: Waiting<Input, Output>[] = [];
  let timer: NodeJS.Timeout | undefined;
  let since = 0;

  function flush(): void {
    const all = waiting;
    waiting = [];
    timer = undefined;
    work(all).catch((error) => {
      for (const { reject } of all) reject(error);
    });
  }

  return (input) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) since = Date.now();
      waiting.push({ input, resolve, reject });
      clearTimeout(timer);
      timer = setTimeout(flush, Math.max(0, Math.min(lull, since + longest - Date.now())));
    });
}
