/** Contracts asked as the joint to HTTP asks them, without HTTP. */
import type { Contract, RawRequest } from '../../lib/contracts/contract.ts';
import { InvoiceError } from '../../lib/invoice/failure.ts';
import type { Invoices } from '../../lib/invoice/invoices.ts';
import type { Answer } from '../../lib/invoice/operation.ts';

/** What comes of it, failures in the contract's words. */
export async function worded<Result>({ fail }: Contract, act: () => Promise<Result>): Promise<Result | Answer> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof InvoiceError) return fail(error.failure);
    throw error;
  }
}

/** The answer to a request, whether or not its operation was done before. */
export function ask(
  contract: Contract,
  invoices: Invoices,
  method: string,
  path: string,
  request: Partial<RawRequest>,
): Promise<Answer> {
  const route = contract.routes.find((candidate) => candidate.method === method && candidate.path === path);
  if (!route) throw new Error(`No route ${method} ${path}`);
  const whole = { params: {}, query: {}, headers: {}, body: undefined, ...request };
  return worded(contract, () => route.handle(whole, invoices));
}
