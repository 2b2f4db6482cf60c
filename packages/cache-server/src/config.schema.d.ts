// Generated from schema.json by npm run generate.

/**
 * Options of cache-server, of all its commands.
 */
export interface Config {
  /**
   * Where entries lie: a directory of this machine, or a bucket of an S3-compatible object store.
   */
  store?: 'file' | 's3';
  /**
   * Directory of the store "file".
   */
  directory?: string;
  /**
   * Bucket of the store "s3". Credentials come from the AWS environment or profile.
   */
  s3Bucket?: string;
  /**
   * Start of every key in the bucket.
   */
  s3Prefix?: string;
  /**
   * Address of an S3-compatible server other than AWS.
   */
  s3Endpoint?: string;
  /**
   * Region of the bucket.
   */
  s3Region?: string;
  /**
   * Address to listen on. Another than loopback needs tokens.
   */
  host?: string;
  /**
   * Port to listen on; 0 takes a free one.
   */
  port?: number;
  /**
   * PEM file of the certificate chain; with tlsKey the server speaks https.
   */
  tlsCert?: string;
  /**
   * PEM file of the private key.
   */
  tlsKey?: string;
  /**
   * File of tokens, made by "token create". It is read again when it changes.
   */
  tokens?: string;
  /**
   * Namespace of everybody while there is no file of tokens, and of a new token.
   */
  namespace?: string;
  /**
   * Answer 404 or 403, which nx takes for a miss, where a fault or a limit would fail the run.
   */
  failOpen?: boolean;
  /**
   * Largest entry that is taken.
   */
  maxEntrySize?: string;
  /**
   * Evict the least recently used entries above this sum of sizes; 0 for no limit.
   */
  maxSize?: string;
  /**
   * Evict entries that nobody used for this long; 0 for no limit.
   */
  maxAge?: string;
  /**
   * Time between evictions; another one runs when a tenth of maxSize was added.
   */
  evictEvery?: string;
  /**
   * Connections at once; more are closed.
   */
  maxConnections?: number;
  /**
   * Uploads at once; more are answered 429.
   */
  maxUploads?: number;
  /**
   * Requests a second, by token and address; more are answered 429. 0 for no limit.
   */
  requestsPerSecond?: number;
  /**
   * Bytes that a token may upload in a minute; more are answered 429. 0 for no limit.
   */
  uploadPerMinute?: string;
  /**
   * Cut a client that sends or takes fewer bytes a second than this, on average over idleTimeout.
   */
  minRate?: string;
  /**
   * Cut a client whose request line and headers take longer.
   */
  headerTimeout?: string;
  /**
   * Cut a connection on which nothing moves for this long.
   */
  idleTimeout?: string;
  /**
   * On SIGTERM, time that running requests have to end.
   */
  gracePeriod?: string;
  /**
   * Address of the server that the relay asks. Default: NX_SELF_HOSTED_REMOTE_CACHE_SERVER. Its token comes from CACHE_SERVER_UPSTREAM_TOKEN or NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN.
   */
  upstream?: string;
  /**
   * File that has the token for upstream, instead of the environment.
   */
  upstreamTokenFile?: string;
  /**
   * PEM file of Ed25519 public keys. Entries that none of them signed are misses.
   */
  trustedKeys?: string;
  /**
   * PEM file of an Ed25519 private key, by which uploads are signed.
   */
  signingKey?: string;
  /**
   * Entries that come without a Repr-Digest are misses.
   */
  requireDigest?: boolean;
  /**
   * Directory for entries on their way; they have no name there. Default: that of temporary files.
   */
  spool?: string;
  /**
   * Time to reach upstream.
   */
  connectTimeout?: string;
  /**
   * Time until upstream begins its answer.
   */
  responseTimeout?: string;
  /**
   * Give up an entry that comes or goes slower than minRate over this time.
   */
  stallTimeout?: string;
  /**
   * Give up an entry after this time, however fast.
   */
  transferTimeout?: string;
  /**
   * Consecutive faults after which upstream is left alone.
   */
  breakAfter?: number;
  /**
   * Time for which it is left alone; doubled up to eight times while it stays faulty.
   */
  breakFor?: string;
  /**
   * File to which writes and refusals are added, a JSON object a line.
   */
  auditLog?: string;
  /**
   * Least level of the log on standard output, JSON lines.
   */
  logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /**
   * Print JSON instead of a table.
   */
  json?: boolean;
  /**
   * Delete the entries that are corrupt.
   */
  delete?: boolean;
  /**
   * Name of the token, for the logs.
   */
  name?: string;
  /**
   * What the token may do.
   */
  scope?: 'read' | 'read-write';
  /**
   * Namespaces that the token reads, in this order, separated by commas. Default: its own.
   */
  reads?: string;
  /**
   * The token is refused after this long, such as 90d. Default: never.
   */
  expires?: string;
}
