/** Where CloudWatch puts our metrics, and which they are: all in milliseconds, by function. */
export const metricNamespace = 'invoice-functions';
export type MetricName = 'OutboxAge';

/** What the functions write down. Lambda turns one object into one line of JSON. */
export const log = {
  /** One finished request. */
  request(line: Record<string, string | number | undefined>): void {
    console.info({ message: 'request', ...line });
  },

  /** One event that was worked on. */
  event(line: Record<string, string | number | undefined>): void {
    console.info({ message: 'event', ...line });
  },

  /** Why the bus did not take events, in its own codes. */
  unpublished(codes: readonly string[]): void {
    console.error({ message: 'unpublished', codes: [...new Set(codes)] });
  },

  /** A figure for CloudWatch, in its embedded metric format; past the console, whose lines Lambda wraps into others. */
  metric(name: MetricName, milliseconds: number, FunctionName: string): void {
    const Metrics = [{ Name: name, Unit: 'Milliseconds' }];
    const CloudWatchMetrics = [{ Namespace: metricNamespace, Dimensions: [['FunctionName']], Metrics }];
    const line = { _aws: { Timestamp: Date.now(), CloudWatchMetrics }, FunctionName, [name]: milliseconds };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  },

  /** A mistake of ours: what and where, without what the caller sent. An error's own text could hold it. */
  error(error: unknown, requestId?: string): void {
    const { name, stack } = error instanceof Error ? error : { name: typeof error, stack: undefined };
    console.error({ message: 'unexpected', requestId, error: name, at: stack?.match(/^\s+at .+$/m)?.[0].trim() });
  },
};
