import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

/**
 * Sending from one address and no other. SES asks for the action of raw messages too, whichever version of its API is called,
 * and for the identity that it verified: the address, or the whole domain.
 */
export function mailGrant(scope: Construct, from: string): PolicyStatement {
  const identities = [from, from.slice(from.indexOf('@') + 1)];
  return new PolicyStatement({
    actions: ['ses:SendEmail', 'ses:SendRawEmail'],
    resources: identities.map((resourceName) =>
      Stack.of(scope).formatArn({ service: 'ses', resource: 'identity', resourceName }),
    ),
    conditions: { StringEquals: { 'ses:FromAddress': from } },
  });
}
