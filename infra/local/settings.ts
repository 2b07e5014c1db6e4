import { join, resolve } from 'node:path';
import { StartError } from './start-error.ts';

/** What a user can set by environment variables. */
export interface Settings {
  readonly port: number;
  readonly dataDir: string;
  readonly tableName: string;
  /** The address that invoices are mailed from; empty when none are. */
  readonly mailFrom: string;
  /** An engine to use instead of the embedded one. */
  readonly dynamodbEndpoint?: string;
}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StartError(`PORT is "${env.PORT}"; set it to a number from 0 to 65535, such as PORT=3001.`);
  }
  const endpoint = env.DYNAMODB_ENDPOINT;
  if (endpoint && !/^https?:\/\//.test(endpoint)) {
    throw new StartError(`DYNAMODB_ENDPOINT is "${endpoint}"; set it to a URL, such as http://127.0.0.1:8000.`);
  }
  const tableName = env.TABLE_NAME || 'invoice-functions';
  if (!/^[\w.-]{3,200}$/.test(tableName)) {
    throw new StartError(
      `TABLE_NAME is "${tableName}"; set it to 3 to 200 letters, digits, dots, hyphens and underscores.`,
    );
  }
  return {
    port,
    dataDir: resolve(env.DATA_DIR || '.data'),
    tableName,
    mailFrom: env.MAIL_FROM ?? 'invoices@demo.example',
    ...(endpoint && { dynamodbEndpoint: endpoint }),
  };
}

export const logsIn = ({ dataDir }: Settings): string => join(dataDir, 'logs');

/** Where mail arrives. */
export const outboxIn = ({ dataDir }: Settings): string => join(dataDir, 'outbox');
