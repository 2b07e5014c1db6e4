/** A reason not to start that the user can do something about: said in one line, without a stack. */
export class StartError extends Error {}
