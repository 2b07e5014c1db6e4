/** EventBridge's event patterns: which events a rule is for. */

export type Pattern = { readonly [member: string]: Pattern | readonly unknown[] };

/** Each member of the pattern must be matched by the event; a list is matched by any of its entries. */
export function matches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    const value = isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;
    if (!Array.isArray(wanted)) return matches(wanted as Pattern, value);
    const values = Array.isArray(value) && value.length > 0 ? value : [value];
    return wanted.some((test) => values.some((each) => passes(test, each)));
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function passes(test: unknown, value: unknown): boolean {
  if (!isObject(test)) return test === value;
  const [[operator, argument] = ['', undefined]] = Object.entries(test);
  const check = operators[operator];
  if (!check) throw new Error(`The local stack does not know the pattern ${JSON.stringify(test)}.`);
  return check(argument, value);
}

const isText = (value: unknown): value is string => typeof value === 'string';

const operators: Record<string, (argument: unknown, value: unknown) => boolean> = {
  exists: (argument, value) => (value !== undefined) === argument,
  prefix: (argument, value) => isText(value) && value.startsWith(String(argument)),
  suffix: (argument, value) => isText(value) && value.endsWith(String(argument)),
  'equals-ignore-case': (argument, value) => isText(value) && value.toLowerCase() === String(argument).toLowerCase(),
  'anything-but': (argument, value) => value !== undefined && ![argument].flat().some((one) => passes(one, value)),
};
