/** The figures of an invoice as page 004 tells them. They are split differently here, and add up to the same. */
import type { AllowanceCharge, Line, MinorUnits } from '../../invoice/document.ts';
import type { Invoice } from '../../invoice/model.ts';
import { creditNoteCodes } from '../../invoice/rules/code-lists.ts';
import { minorUnitDigits } from '../../money/currency.ts';
import { Decimal } from '../../money/decimal.ts';
import type { Rate } from './create-invoice.ts';
import { extrasOf } from './extras.ts';
import type { InvoiceResource } from './invoice-resource.ts';

type ShownLineItem = InvoiceResource['lineItems'][number];

/** What a quotient is rounded to, far beyond what is shown of it. */
const quotientDigits = 20;

/** Page 004 has no credit notes: they are invoices with a minus sign. */
export const isCreditNote = ({ document }: Invoice): boolean => creditNoteCodes.has(document.typeCode);

/** An amount of the invoice in major units. */
export function shownAmount(invoice: Invoice, amount: MinorUnits): number {
  const digits = minorUnitDigits(invoice.document.currency) ?? 0;
  return shown(Decimal.fromMinorUnits(isCreditNote(invoice) ? -amount : amount, digits));
}

/** A number that its reader can keep exactly: 15 significant digits. */
const shown = (decimal: Decimal): number => Number(Number(decimal.toString()).toPrecision(15));

export function shownCalculated(invoice: Invoice): InvoiceResource['calculated'] {
  const { totals } = invoice.figures;
  const onLines = invoice.document.lines.map((_, index) => lineDiscount(invoice, index));
  const discount = total([...onLines, totals.allowances]);
  const amount = (figure: MinorUnits) => shownAmount(invoice, figure);
  return {
    grandTotal: amount(totals.taxInclusive),
    tax: amount(totals.tax),
    discount: amount(discount),
    // Before every discount, so that the four add up.
    subTotal: amount(totals.taxExclusive + discount),
  };
}

/** The discount on the whole. */
export function shownDiscount(invoice: Invoice): Rate {
  const { document, figures } = invoice;
  return rateOf(invoice, document, figures.totals.allowances, extrasOf(invoice).fixedNothing?.document);
}

export function shownLineItems(invoice: Invoice): ShownLineItem[] {
  const fixedNothing = new Set(extrasOf(invoice).fixedNothing?.lines);
  return invoice.document.lines.map((line, index) => {
    const { id, name, description, quantity } = line;
    const discounted = line.priceIncludesTax ? {} : line;
    return {
      id,
      name,
      ...(description !== undefined && { description }),
      quantity: shown(isCreditNote(invoice) ? Decimal.of(quantity).negate() : Decimal.of(quantity)),
      unitPrice: unitPrice(invoice, index),
      tax: taxOf(invoice, line),
      discount: rateOf(invoice, discounted, lineDiscount(invoice, index), fixedNothing.has(id)),
    };
  });
}

/** What a line takes off, as far as it is shown apart: where prices include tax it is part of the net. */
function lineDiscount({ document, figures }: Invoice, index: number): MinorUnits {
  return document.lines[index]?.priceIncludesTax ? 0 : total(figures.lines[index]?.allowances ?? []);
}

/** What is payable in the company's own currency; `undefined` where that says nothing new, or is not known. */
export function shownConversion(invoice: Invoice): { amount: number; currency: string } | undefined {
  const { conversion } = extrasOf(invoice);
  const { currency } = invoice.document;
  const [from, to] = [conversion?.rates[currency], conversion?.rates[conversion.currency]];
  if (!conversion || from === undefined || to === undefined || conversion.currency === currency) return undefined;
  const payable = Decimal.of(shownAmount(invoice, invoice.figures.totals.payable));
  const digits = minorUnitDigits(conversion.currency) ?? 0;
  const amount = payable.times(Decimal.of(to)).dividedBy(Decimal.of(from), digits);
  return { amount: shown(amount), currency: conversion.currency };
}

/** What is left of a line before its discount, for each of its units: net, charges included. */
function unitPrice(invoice: Invoice, index: number): number {
  const line = invoice.document.lines[index] as Line;
  const quantity = Decimal.of(line.quantity);
  const isPlain = !line.priceIncludesTax && (line.baseQuantity ?? '1') === '1' && !line.charges?.length;
  if (isPlain || quantity.isZero) return shown(Decimal.of(line.price));
  const base = (invoice.figures.lines[index]?.net ?? 0) + lineDiscount(invoice, index);
  const digits = minorUnitDigits(invoice.document.currency) ?? 0;
  return shown(Decimal.fromMinorUnits(base, digits).dividedBy(quantity, quotientDigits));
}

function taxOf(invoice: Invoice, { fixedTax, taxRate }: Line): Rate {
  if (fixedTax !== undefined) return { type: 'FIXED', value: shownAmount(invoice, fixedTax) };
  return { type: 'PERCENTAGE', value: shown(Decimal.of(taxRate ?? 0)) };
}

/**
 * Allowances as one rate: a percentage where there is one and nothing else, otherwise what they come to. Charges are part of
 * the price here, and no percentage of the core stands on them.
 */
function rateOf(
  invoice: Invoice,
  { allowances = [], charges = [] }: { allowances?: AllowanceCharge[]; charges?: AllowanceCharge[] },
  amount: MinorUnits,
  fixedNothing = false,
): Rate {
  const [only, ...others] = allowances;
  if (!only) return { type: fixedNothing ? 'FIXED' : 'PERCENTAGE', value: 0 };
  const { percentage, amount: given, baseAmount } = only;
  const isAlone = others.length === 0 && charges.length === 0;
  if (isAlone && percentage !== undefined && given === undefined && baseAmount === undefined) {
    return { type: 'PERCENTAGE', value: shown(Decimal.of(percentage)) };
  }
  return { type: 'FIXED', value: shownAmount(invoice, amount) };
}

const total = (amounts: readonly MinorUnits[]): MinorUnits => amounts.reduce((sum, amount) => sum + amount, 0);
