import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { checkedApp } from '../../infra/check.ts';
import { InvoiceStack } from '../../infra/stack.ts';
import { outdir, props } from '../support/template.ts';

describe('cdk-nag and the rules of CloudFormation', () => {
  const checked = (id: string) => {
    const app = checkedApp(outdir());
    return { app, stack: new InvoiceStack(app, id, { ...props, anchors: 'compliance' }) };
  };

  it('find nothing that has no reason', { timeout: 60_000 }, () => {
    expect(() => checked('Clean').app.synth()).not.toThrow();
  });

  it('would find a wildcard', { timeout: 60_000 }, () => {
    const { app, stack } = checked('Wild');
    new Role(stack, 'Everything', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        all: new PolicyDocument({ statements: [new PolicyStatement({ actions: ['dynamodb:*'], resources: ['*'] })] }),
      },
    });
    expect(() => app.synth()).toThrow(/wildcard permissions/);
  });
});
