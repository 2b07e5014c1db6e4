/** Evaluates the IAM policy that an authorizer returns. */

interface Statement {
  Effect?: string;
  Action?: string | string[];
  Resource?: string | string[];
}

export interface PolicyDocument {
  Statement?: Statement | Statement[];
}

/** An explicit Deny wins; what nothing allows is denied. */
export function allows(policy: PolicyDocument, action: string, resource: string): boolean {
  const effects = [policy.Statement ?? []]
    .flat()
    .filter(({ Action = [], Resource = [] }) => matches(Action, action, 'i') && matches(Resource, resource))
    .map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

/** `*` stands for any text, `?` for one character. */
const matches = (patterns: string | string[], value: string, flags = ''): boolean =>
  [patterns].flat().some((pattern) => {
    const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    const expression = literal.replaceAll('*', '.*').replaceAll('?', '.');
    return new RegExp(`^${expression}$`, `s${flags}`).test(value);
  });
