/** Creates the tables that are not there yet. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { Template } from './template.ts';

type TableProperties = Pick<
  CreateTableCommandInput,
  'AttributeDefinitions' | 'KeySchema' | 'GlobalSecondaryIndexes' | 'BillingMode'
> & {
  TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean };
};

/**
 * The table of the template, under the name that its functions were given. Without its stream, which table-stream.ts
 * stands in for: the embedded engine's writes grow slower with every record that a stream holds (a transaction of 2 ms takes
 * 42 after 18,000).
 */
export async function createTable(client: DynamoDBClient, template: Template, name: string): Promise<void> {
  const [table, ...others] = template.resources<TableProperties>('AWS::DynamoDB::Table');
  if (!table || others.length > 0) throw new Error('The local stack runs templates with exactly one table.');
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode, TimeToLiveSpecification } =
    table.properties;
  const created = await create(client, {
    TableName: name,
    AttributeDefinitions,
    KeySchema,
    GlobalSecondaryIndexes,
    BillingMode,
  });
  if (created && TimeToLiveSpecification) {
    await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
  }
}

/** The table for what AWS would keep itself: see api-keys.ts. */
export async function createLocalTable(client: DynamoDBClient, name: string): Promise<void> {
  await create(client, {
    TableName: name,
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
}

/** False when the table was there: made by an earlier start, or by another gateway a moment ago. */
async function create(client: DynamoDBClient, input: CreateTableCommandInput): Promise<boolean> {
  let created = true;
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if ((error as Error).name !== 'ResourceInUseException') throw error;
    created = false;
  }
  await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName: input.TableName });
  return created;
}
