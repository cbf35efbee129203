import { AsyncLocalStorage } from "node:async_hooks";

/** Not OpenTelemetry's context: that one passes nothing on where telemetry was not started, and this must never be lost. */
const dry = new AsyncLocalStorage<true>();

/**
 * Runs `run` without effect, through everything it awaits: stores decide and answer as ever, and write nothing. It rides
 * with the call as its origin does, and not as an argument, so that no command on its way can be given without it.
 */
export const runDry = <Result>(run: () => Result): Result => dry.run(true, run);

/** True within `runDry`. Whatever writes must ask. */
export const isDryRun = (): boolean => dry.getStore() === true;
