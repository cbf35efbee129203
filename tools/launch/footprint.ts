/**
 * What every service loads first, the same as in deploy/Dockerfile.
 *
 * - `source-maps`: maps of our own code only; `--enable-source-maps` holds those of all libraries, 6 MiB a process.
 * - `idle-collection`, which needs `--expose-gc`: what a load left in the old generation goes once the process rests.
 */
export const PRELOADED: readonly string[] = ["@keynode/telemetry/source-maps", "@keynode/telemetry/idle-collection"];

/**
 * Node's options for every service. Unbounded, the young generation grows to 134 MiB under load. A request's objects should
 * be dead when it is collected: with semi-spaces of 16 MiB instead of 4, pages of documents are read and encoded for an
 * eighth less CPU time, and a service holds 25 to 45 MiB more while it is busy, 10 to 25 once it rests.
 * `--single-threaded-gc` saved nothing that could be measured; `--optimize-for-size` would save 10 MiB and was seen to
 * nearly double a request's CPU time.
 */
export const SERVICE_OPTIONS: readonly string[] = ["--expose-gc", "--max-semi-space-size=16"];

/**
 * glibc's allocator: two arenas instead of eight a core; large blocks always mapped by themselves and free ends returned,
 * instead of thresholds that rise with use: 60 MiB less in a service after bulk writes.
 */
export const SERVICE_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: "2",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "131072",
};
