/** Delivery by e-mail through Amazon SES. Loaded when the first invoice is sent: a cold start does not wait for it. */
import { SESv2Client, SESv2ServiceException, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Delivery, DeliveryOptions } from '../invoice/delivery.ts';
import type { Invoice } from '../invoice/model.ts';
import { buyerAddress, invoiceMail, isAddress } from './invoice-mail.ts';
import { messageOf } from './message.ts';

const network = 'email';

const failed = (reason: string): Delivery => ({ sent: false, network, reason });

/**
 * Sends from one address. Whoever is cut off between SES and the record sends again: a buyer may get the same invoice twice
 * under the same number, but never none.
 */
export function emailDelivery(from: string) {
  // Two attempts of three seconds stay within the time that a request has.
  const client = new SESv2Client({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });

  return async (invoice: Invoice, { to, mayHandOver }: DeliveryOptions): Promise<Delivery> => {
    // Who tries things out must not write to a real buyer; an address given with the request is meant.
    const address = to ?? (invoice.scope.mode === 'test' ? undefined : buyerAddress(invoice));
    if (address === undefined) {
      if (mayHandOver || invoice.scope.mode === 'test') return { sent: true };
      return failed('The buyer has no e-mail address; send again with "to".');
    }
    if (!isAddress(address)) return failed('The buyer\'s e-mail address is not one; send again with "to".');
    try {
      await client.send(
        new SendEmailCommand({
          FromEmailAddress: from,
          Destination: { ToAddresses: [address] },
          Content: { Raw: { Data: Buffer.from(messageOf(invoiceMail(invoice, from, address))) } },
        }),
      );
    } catch (error) {
      // What SES says may name addresses; its name for it says enough.
      if (error instanceof SESv2ServiceException)
        return failed(`The mail service did not take the message (${error.name}); send again.`);
      if (isUnreachable(error))
        return failed('The mail service did not answer, and the message may have gone out; send again if it did not.');
      throw error;
    }
    return { sent: true, network, to: address };
  };
}

/** Sockets and timeouts; anything else is a mistake of ours. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || 'code' in error);
