/** Addresses and parties of reference data, under the limits that page 002 sets for those of an invoice. */
import * as z from 'zod';
import { country, email, text } from '../fields.ts';

const identifier = z.strictObject({ scheme: text(10).optional(), value: text(255).optional() });

/** BG-5, BG-8. */
export const address = z.strictObject({
  street: text(255).optional(),
  additionalLine: text(255).optional(),
  city: text(255).optional(),
  subdivision: text(255).optional(),
  postalCode: text(20).optional(),
  country: country.optional(),
});

/** BG-4, as the document has it. */
export const seller = z.strictObject({
  endpointId: identifier.optional(),
  identifiers: z.array(identifier).max(20).optional(),
  name: text(255).min(1),
  legalName: text(255).optional(),
  tradingName: text(255).optional(),
  companyId: identifier.optional(),
  vatNumber: text(50).optional(),
  taxRegistrationId: identifier.optional(),
  legalInformation: text(2000).optional(),
  address: address.optional(),
  contact: z
    .strictObject({ name: text(255).optional(), phone: text(50).optional(), email: email(255).optional() })
    .optional(),
});

/** BG-17. */
export const bankAccount = z.strictObject({
  iban: text(34).optional(),
  bic: text(11).optional(),
  accountName: text(255).optional(),
});
