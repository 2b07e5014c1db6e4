import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { bundledFunction } from './function.ts';
import { dunningGrants, rateGrants, sweepGrants } from './table.ts';

export interface ScheduledProps {
  readonly table: Table;
  readonly bundles: string;
  readonly environment: Record<string, string>;
  /** Where exchange rates come from instead of the European Central Bank. */
  readonly exchangeRatesUrl?: string | undefined;
}

/** The functions that nothing but the clock calls, by their ids. */
export function scheduled(
  scope: Construct,
  { exchangeRatesUrl, ...props }: ScheduledProps,
): [string, LambdaFunction][] {
  return [
    ['Sweep', sweep(scope, props)],
    ['Dunning', dunning(scope, props)],
    ['ExchangeRates', exchangeRates(scope, { ...props, exchangeRatesUrl })],
  ];
}

function sweep(scope: Construct, { table, ...common }: ScheduledProps): LambdaFunction {
  const handler = bundledFunction(scope, 'Sweep', {
    ...common,
    name: 'sweep',
    description: 'Finishes what was cut off between drawing a number and issuing its invoice.',
    grants: sweepGrants(table),
    timeout: Duration.minutes(1),
  });
  new Rule(scope, 'SweepSchedule', {
    schedule: Schedule.rate(Duration.minutes(5)),
    targets: [new LambdaTarget(handler, { retryAttempts: 0 })],
  });
  return handler;
}

function dunning(scope: Construct, { table, ...common }: ScheduledProps): LambdaFunction {
  const handler = bundledFunction(scope, 'Dunning', {
    ...common,
    name: 'dunning',
    description: 'Reminds of invoices that are overdue.',
    grants: dunningGrants(table),
    // As long as a function may: a firing that is cut off is continued by the next one.
    timeout: Duration.minutes(15),
  });
  new Rule(scope, 'DunningSchedule', {
    schedule: Schedule.cron({ minute: '0', hour: '5' }),
    targets: [new LambdaTarget(handler)],
  });
  return handler;
}

function exchangeRates(scope: Construct, { table, bundles, environment, exchangeRatesUrl }: ScheduledProps) {
  const handler = bundledFunction(scope, 'ExchangeRates', {
    bundles,
    environment: { ...environment, ...(exchangeRatesUrl && { EXCHANGE_RATES_URL: exchangeRatesUrl }) },
    name: 'exchange-rates',
    description: 'Keeps the exchange rates that the European Central Bank published.',
    grants: rateGrants(table),
    timeout: Duration.minutes(1),
  });
  new Rule(scope, 'ExchangeRatesSchedule', {
    // They are published on working days around 16:00 in Frankfurt.
    schedule: Schedule.cron({ minute: '30', hour: '16', weekDay: 'MON-FRI' }),
    targets: [new LambdaTarget(handler)],
  });
  return handler;
}
