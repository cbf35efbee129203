/** The embedded engine's postgresql.conf. docs/adr gives the measurements; no setting was shown to matter for speed alone. */
export const SETTINGS = `
shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb,pg_documentdb_extended_rum'
# Indexes that can answer in order: a sorted page is a short scan. Holds for indexes made after it was set.
documentdb.alternate_index_handler_name = 'extended_rum'
# Two keys under one parent, such as state.status and state.createTime, would make an index that cannot.
documentdb.enableCompositeReducedCorrelatedTermsOnCommonSubPath = off
# Knows which key of an index is an array, so that a page filtered by a tag and begun behind a time stays in order.
documentdb.enableIndexMetadataGlobalTracking = on
# Merges the runs of {$in: [...]} in order, as MongoDB does, instead of sorting their sum.
documentdb.enable_merge_sort_for_in_prefix = on
random_page_cost = 1.1
# The planner needs statistics soon after a bulk load.
autovacuum_naptime = '10s'
autovacuum_analyze_scale_factor = 0.05
cron.database_name = 'postgres'
# Off, expired documents would stay: pg_cron cannot connect to itself without TCP.
cron.use_background_workers = on
max_worker_processes = 16
cron.log_run = off
cron.log_statement = off
listen_addresses = ''
max_connections = 100
shared_buffers = '128MB'
max_wal_size = '1GB'
synchronous_commit = on
full_page_writes = on
jit = off
# Needs no time zone files.
timezone = 'GMT'
log_timezone = 'GMT'
log_min_messages = warning
log_checkpoints = off
# No document's content in the log.
log_min_error_statement = panic
`;
