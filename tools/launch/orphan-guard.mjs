/** Preloaded into each process that a launcher starts: when the launcher ends, however it ends, the process drains and ends too. */
if (process.channel) {
  process.channel.unref();
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
}
