/** Answers as they stand on DynamoDB's wire, and the refusals that the embedded engine never gives. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Call } from './dynamo-proxy-call.ts';

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const throughput =
  'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.';

const service = 'com.amazonaws.dynamodb.v20120810#';

/** Errors of a whole call. */
const errors = {
  InternalServerError: { status: 500, type: `${service}InternalServerError`, message: 'Internal server error' },
  ThrottlingException: {
    status: 400,
    type: 'com.amazon.coral.availability#ThrottlingException',
    message: 'Rate of requests exceeds the allowed throughput.',
  },
  ProvisionedThroughputExceededException: {
    status: 400,
    type: `${service}ProvisionedThroughputExceededException`,
    message: throughput,
  },
  TransactionInProgressException: {
    status: 400,
    type: `${service}TransactionInProgressException`,
    message: 'The transaction with the given request token is already in progress.',
  },
  TransactionConflictException: {
    status: 400,
    type: `${service}TransactionConflictException`,
    message: 'Transaction is ongoing for the item',
  },
} as const;

/** Reasons why a transaction is cancelled, and the error that a single call gets in the same situation. */
const reasons = {
  TransactionConflict: 'TransactionConflictException',
  ThrottlingError: 'ThrottlingException',
  ProvisionedThroughputExceeded: 'ProvisionedThroughputExceededException',
} as const;

type Reason = keyof typeof reasons;

/** A refusal without any effect: an error by its name, or the reason for which a transaction is cancelled. */
export type Refusal = keyof typeof errors | Reason;

const isReason = (refusal: Refusal): refusal is Reason => refusal in reasons;

/** Words a refusal; for a transaction `hit` says which of its items, by position, is the reason. */
export function refuse(call: Call, refusal: Refusal, hit: readonly boolean[] = call.keys.map(() => true)): WireAnswer {
  if (!isReason(refusal)) {
    const { status, type, message } = errors[refusal];
    return answer(status, { __type: type, message });
  }
  if (!call.kind.startsWith('transaction')) return refuse(call, reasons[refusal]);
  const { message } = errors[reasons[refusal]];
  const list = hit.map((met) => (met ? { Code: refusal, Message: message } : { Code: 'None' }));
  const codes = list.map(({ Code }) => Code).join(', ');
  return answer(400, {
    __type: `${service}TransactionCanceledException`,
    CancellationReasons: list,
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
  });
}

const answer = (status: number, body: object): WireAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from(JSON.stringify(body)),
});
