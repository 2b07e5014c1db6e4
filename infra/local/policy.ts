/** Evaluates IAM policies: the one that an authorizer returns, and those of functions' roles. */

interface Statement {
  Effect?: string;
  Action?: string | string[];
  Resource?: string | string[];
  /** Operators, condition keys, and the values that are expected. */
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface PolicyDocument {
  Statement?: Statement | Statement[];
}

/** The values of condition keys in a request. */
export type RequestContext = Readonly<Record<string, readonly string[]>>;

/** An explicit Deny wins; what nothing allows is denied. */
export function allows(
  policy: PolicyDocument,
  action: string,
  resource: string,
  context: RequestContext = {},
): boolean {
  const effects = [policy.Statement ?? []]
    .flat()
    .filter(
      ({ Action = [], Resource = [], Condition = {} }) =>
        matches(Action, action, 'i') && matches(Resource, resource) && holds(Condition, context),
    )
    .map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

const operators: Record<string, (expected: string | string[], value: string) => boolean> = {
  'ForAllValues:StringEquals': (expected, value) => [expected].flat().includes(value),
  'ForAllValues:StringLike': (expected, value) => matches(expected, value),
  'ForAllValues:StringNotLike': (expected, value) => !matches(expected, value),
};

/** All conditions must hold, for all values; one that is not known here is an error, never a guess. */
const holds = (conditions: NonNullable<Statement['Condition']>, context: RequestContext): boolean =>
  Object.entries(conditions).every(([name, keys]) => {
    const operator = operators[name];
    if (!operator) throw new Error(`The local stack does not know the condition operator ${name}.`);
    return Object.entries(keys).every(([key, expected]) =>
      (context[key] ?? []).every((value) => operator(expected, value)),
    );
  });

/** `*` stands for any text, `?` for one character. */
const matches = (patterns: string | string[], value: string, flags = ''): boolean =>
  [patterns].flat().some((pattern) => {
    const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    const expression = literal.replaceAll('*', '.*').replaceAll('?', '.');
    return new RegExp(`^${expression}$`, `s${flags}`).test(value);
  });
