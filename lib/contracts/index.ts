import type { Contract } from './contract.ts';
import { invoices } from './invoices/index.ts';
import { projects } from './projects/index.ts';

/** Every API that is spoken. */
export const contracts: readonly Contract[] = [invoices, projects];
