import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** Long enough to follow up a customer's question about last quarter; logs are no archive, the audit entries are. */
export const logRetention = RetentionDays.THREE_MONTHS;
