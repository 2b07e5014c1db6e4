import type { BankAccount, PaymentMeans } from '../document.ts';
import type { Fault } from '../failure.ts';
import { paymentMeansCodes } from './code-lists.ts';
import { broken, brokenInEach, type Candidate, given, type Rule } from './rule.ts';

/** UNTDID 4461: credit transfer and SEPA credit transfer. */
const creditTransfers = ['30', '58'];

/** What PCI DSS allows to show of a card number: the first six and the last four digits. */
const shownDigits = 10;

const paymentMeansRules: readonly Rule<PaymentMeans>[] = [
  {
    id: 'BR-49',
    term: 'BT-81',
    path: ['meansCode'],
    message: 'The payment means needs its type; use 30 for a credit transfer or 58 for a SEPA one.',
    holds: ({ meansCode }) => given(meansCode),
  },
  {
    id: 'BR-CL-16',
    term: 'BT-81',
    path: ['meansCode'],
    code: 'unknown_code',
    message: 'This is no payment means of UNTDID 4461; use 30 for a credit transfer or 58 for a SEPA one.',
    holds: ({ meansCode }) => !given(meansCode) || paymentMeansCodes.has(meansCode),
  },
  {
    id: 'BR-61',
    term: 'BT-84',
    path: ['bankAccounts'],
    message: 'A credit transfer needs the account to pay to; give its IBAN.',
    holds: ({ meansCode, bankAccounts }) =>
      !creditTransfers.includes(meansCode ?? '') || (bankAccounts ?? []).some(({ iban }) => given(iban)),
  },
  {
    id: 'BR-51',
    term: 'BT-87',
    path: ['card', 'pan'],
    code: 'not_allowed',
    message: 'A card number may show at most its first six and last four digits; mask the others.',
    holds: ({ card }) => (card?.pan ?? '').replace(/\D/g, '').length <= shownDigits,
  },
];

const bankAccountRules: readonly Rule<BankAccount>[] = [
  {
    id: 'BR-50',
    term: 'BT-84',
    path: ['iban'],
    message: 'An account to pay to needs its IBAN or another account identifier.',
    holds: ({ iban }) => given(iban),
  },
];

/** How to pay: BG-16 to BG-19. */
export function paymentFaults(candidate: Candidate): Fault[] {
  return (candidate.document.paymentMeans ?? []).flatMap((means, index) => {
    const at = ['paymentMeans', index];
    return [
      ...broken(paymentMeansRules, means, at, candidate),
      ...brokenInEach(bankAccountRules, means.bankAccounts, [...at, 'bankAccounts'], candidate),
    ];
  });
}
