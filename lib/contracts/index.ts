import { bookkeeping } from './bookkeeping/index.ts';
import type { Contract } from './contract.ts';
import { erp } from './erp/index.ts';
import { invoices } from './invoices/index.ts';
import { positions } from './positions/index.ts';
import { projects } from './projects/index.ts';

/** Every API that is spoken. The native one leads: on an origin that they share, paths that clash are its own. */
export const contracts: readonly Contract[] = [invoices, erp, projects, bookkeeping, positions];
