/** The app for the CDK CLI and for `node infra/app.ts`. Needs the bundles, but neither an account nor a network. */
import { App } from 'aws-cdk-lib/core';
import { contracts } from '../lib/contracts/index.ts';
import type { TokenIssuer } from '../lib/lambda/jwt.ts';
import { type LockMode, lockModes } from './anchors.ts';
import { bundles } from './build.ts';
import { InvoiceStack } from './stack.ts';

/**
 * Context: `-c waf=true`, `-c alarmTopic=<ARN>`, `-c exchangeRatesUrl=<URL>`, `-c mailFrom=<address>`,
 * `-c anchors=governance|compliance`; `-c stack=<name>` for a second installation;
 * `-c jwtIssuer=<iss> -c jwtAudience=<aud> -c jwtJwksUri=<URL>` to accept JWTs.
 */
function addStack(app: App): InvoiceStack {
  const context = (name: string): string | undefined => app.node.tryGetContext(name);
  return new InvoiceStack(app, context('stack') ?? 'Invoices', {
    contracts,
    bundles,
    waf: context('waf') === 'true',
    alarmTopicArn: context('alarmTopic'),
    exchangeRatesUrl: context('exchangeRatesUrl'),
    mailFrom: context('mailFrom'),
    anchors: lockMode(context('anchors')),
    tokenIssuer: tokenIssuer(context),
  });
}

function lockMode(given: string | undefined): LockMode | undefined {
  const mode = lockModes.find((each) => each === given);
  if (given && !mode) throw new Error(`anchors is ${given}. Set it to ${lockModes.join(' or ')}, or leave it out.`);
  return mode;
}

function tokenIssuer(context: (name: string) => string | undefined): TokenIssuer | undefined {
  const [issuer, audience, jwksUri] = ['jwtIssuer', 'jwtAudience', 'jwtJwksUri'].map(context);
  if (!issuer && !audience && !jwksUri) return undefined;
  if (!issuer || !audience || !jwksUri) throw new Error('Set jwtIssuer, jwtAudience and jwtJwksUri, or none.');
  return { issuer, audience, jwksUri };
}

/** Writes the assembly unchecked and says where: checking takes five times as long, and the local stack starts often. */
export function synthesize(outdir: string): string {
  const app = new App({
    outdir,
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    stackTraces: false,
    treeMetadata: false,
  });
  addStack(app);
  return app.synth().directory;
}

if (import.meta.main) {
  const { checkedApp } = await import('./check.ts');
  // The CLI names a folder of its own.
  const app = checkedApp(process.env.CDK_OUTDIR ?? 'cdk.out');
  addStack(app);
  app.synth();
}
