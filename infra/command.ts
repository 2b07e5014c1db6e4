/** What the commands have in common: how they end, and how they say what is wrong. */
import { OutcomeUnknown, StoreBusy } from '../lib/invoice/store.ts';

/** A call that the command's usage does not know. Without a message, the usage says it all. */
export class UsageError extends Error {}

/**
 * Runs a command and says plainly what is wrong. Its process ends with 2 when it was called in a wrong way, and the usage is shown;
 * with 1 when it failed, or answers `false`. `--help` shows the usage alone.
 */
export async function run(main: (args: string[]) => Promise<unknown>, usage: string): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return console.log(usage);
  try {
    process.exitCode = (await main(args)) === false ? 1 : 0;
  } catch (error) {
    const misused = error instanceof UsageError || codeOf(error)?.startsWith('ERR_PARSE_ARGS');
    console.error([inWords(error), misused && usage].filter(Boolean).join('\n\n'));
    process.exitCode = misused ? 2 : 1;
  }
}

/** The value of an option that a command cannot do without. */
export function required(option: string, value: string | undefined): string {
  if (!value) throw new UsageError(`--${option} is missing.`);
  return value;
}

/** The one command that was named. */
export function commandOf<Command>(
  commands: Readonly<Record<string, Command>>,
  [name = '', ...more]: string[],
): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command || more.length > 0) throw new UsageError(name && `There is no command ${[name, ...more].join(' ')}.`);
  return command;
}

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;

function inWords(error: unknown): string {
  if (error instanceof StoreBusy || error instanceof OutcomeUnknown)
    return 'The table does not answer. Does the stack run?';
  const { message } = error as Error;
  return codeOf(error) === 'ECONNREFUSED' ? `The stack does not answer (${message}). Does it run?` : message;
}
