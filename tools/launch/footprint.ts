/**
 * Node's options for every service, here and in deploy/Dockerfile.
 *
 * `--max-semi-space-size`: V8 lets the young generation grow to 134 MiB under load and gives none of it back at rest.
 */
export const SERVICE_OPTIONS: readonly string[] = ["--enable-source-maps", "--max-semi-space-size=4"];

/** `MALLOC_ARENA_MAX`: glibc keeps an arena for each thread, and what was once used stays in it. */
export const SERVICE_ENVIRONMENT: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: "2" };
