/** What a rule is, and what comes of one that is broken. */
import type { Figures, InvoiceDocument, StatedFigures } from '../document.ts';
import type { Fault } from '../failure.ts';

export type Path = Fault['path'];

/** An invoice about to be issued. */
export interface Candidate {
  document: InvoiceDocument;
  figures: Figures;
  /** BT-1 when the caller chose it; a series gives one to the others. */
  number?: string;
  stated?: StatedFigures;
}

/** One rule of EN 16931-1, said of one kind of subject: the document, a party, a line … */
export interface Rule<Subject> {
  /** As validators print it. */
  id: string;
  term: string;
  /** The member at fault, seen from the subject. */
  path: Path;
  /** `required` when absent. */
  code?: string;
  /** Names the fault and the way out. */
  message: string;
  holds(subject: Subject, candidate: Candidate): boolean;
}

/** A fault for each rule that the subject breaks. */
export function broken<Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
  at: Path,
  candidate: Candidate,
): Fault[] {
  return rules
    .filter((rule) => !rule.holds(subject, candidate))
    .map(({ id, term, path, code = 'required', message }) => ({
      in: 'body',
      path: [...at, ...path],
      code,
      message,
      rule: id,
      term,
    }));
}

/** The faults of every member of a list, each under its own place. */
export function brokenInEach<Subject>(
  rules: readonly Rule<Subject>[],
  subjects: readonly Subject[] | undefined,
  at: Path,
  candidate: Candidate,
): Fault[] {
  return (subjects ?? []).flatMap((subject, index) => broken(rules, subject, [...at, index], candidate));
}

/** A text that says something. */
export function given(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

/** A group of members of which at least one is there. */
export function filled(group: object | undefined): boolean {
  return group !== undefined && Object.values(group).some((value) => value !== undefined && value !== '');
}
