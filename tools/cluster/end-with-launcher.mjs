// Loaded into each process of a cluster before its app, which knows nothing of it: a launcher that was killed could not stop
// its processes, so they end by themselves, in order, as by a SIGTERM of the launcher's.

// Node's flags reach worker threads too, which have no channel.
if (process.channel) {
  process.once('disconnect', () => {
    // Whoever read the output is gone as well, and what is still said must not end the process before its time.
    for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
    process.kill(process.pid, 'SIGTERM');
  });
  // Who listens would be kept alive by the channel.
  process.channel.unref();
}
