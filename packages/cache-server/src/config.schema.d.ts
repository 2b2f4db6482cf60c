// Generated from schema.json by npm run generate.

/**
 * Options of all commands of cache-server.
 */
export interface Config {
  /**
   * Storage of the entries: a local directory, or a bucket of an S3-compatible object store.
   */
  store?: 'file' | 's3';
  /**
   * Directory of the "file" store.
   */
  directory?: string;
  /**
   * Bucket of the "s3" store. Credentials come from the AWS environment variables or profile.
   */
  s3Bucket?: string;
  /**
   * Prefix of every object key.
   */
  s3Prefix?: string;
  /**
   * URL of an S3-compatible service other than AWS.
   */
  s3Endpoint?: string;
  /**
   * Region of the bucket.
   */
  s3Region?: string;
  /**
   * Address to listen on. Any address other than loopback requires a tokens file.
   */
  host?: string;
  /**
   * Port to listen on; 0 picks a free port.
   */
  port?: number;
  /**
   * PEM file with the certificate chain. With it and tlsKey, the server speaks HTTPS only.
   */
  tlsCert?: string;
  /**
   * PEM file with the private key of tlsCert.
   */
  tlsKey?: string;
  /**
   * File of access tokens, written by "token create". The server reloads the file when it changes.
   */
  tokens?: string;
  /**
   * Namespace that a new token writes. Without a tokens file, every client reads and writes this namespace. On the server, only this namespace may write what "delete" deleted.
   */
  namespace?: string;
  /**
   * Answer 404 or 403, after which Nx goes on, where a fault or a limit would fail the Nx run.
   */
  failOpen?: boolean;
  /**
   * Maximum size of an entry.
   */
  maxEntrySize?: string;
  /**
   * Maximum size of all entries. Above it, the least recently used entries are evicted. 0: no limit.
   */
  maxSize?: string;
  /**
   * Maximum time since an entry was last used. Older entries are evicted. 0: no limit.
   */
  maxAge?: string;
  /**
   * Interval between evictions. An eviction also starts when the newly added entries reach a tenth of maxSize.
   */
  evictEvery?: string;
  /**
   * Maximum number of open connections. Further connections are closed.
   */
  maxConnections?: number;
  /**
   * Maximum number of simultaneous uploads. Further uploads get 429.
   */
  maxUploads?: number;
  /**
   * Maximum requests a second from one token at one address. Further requests get 429. 0: no limit.
   */
  requestsPerSecond?: number;
  /**
   * Maximum bytes that one token at one address uploads in a minute. Further uploads get 429. 0: no limit.
   */
  uploadPerMinute?: string;
  /**
   * Minimum transfer rate in bytes a second. A slower transfer is cut. The server measures it over idleTimeout, the relay over stallTimeout.
   */
  minRate?: string;
  /**
   * Maximum time for a client to send the request line and headers.
   */
  headerTimeout?: string;
  /**
   * Time after which a request without traffic is cut.
   */
  idleTimeout?: string;
  /**
   * Time for which a connection stays open between requests. Nx keeps one for 90s, balancers for 60s or more; the server's time must be longer.
   */
  keepAliveTimeout?: string;
  /**
   * Time that running requests get to finish after SIGTERM.
   */
  gracePeriod?: string;
  /**
   * URL of the cache server behind the relay. Default: NX_SELF_HOSTED_REMOTE_CACHE_SERVER. The token for it comes from CACHE_SERVER_UPSTREAM_TOKEN or NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN.
   */
  upstream?: string;
  /**
   * File with the token for upstream. It overrides the environment variables.
   */
  upstreamTokenFile?: string;
  /**
   * PEM file of Ed25519 public keys. An entry is a miss unless one of these keys signed it.
   */
  trustedKeys?: string;
  /**
   * PEM file of the Ed25519 private key that signs uploads.
   */
  signingKey?: string;
  /**
   * Treat an entry without a Repr-Digest header as a miss.
   */
  requireDigest?: boolean;
  /**
   * Directory for entries in transit, which the relay keeps in unnamed files. Default: the system's temporary directory.
   */
  spool?: string;
  /**
   * Maximum time to connect to upstream.
   */
  connectTimeout?: string;
  /**
   * Maximum time until upstream's response begins.
   */
  responseTimeout?: string;
  /**
   * Period over which the relay measures minRate.
   */
  stallTimeout?: string;
  /**
   * Maximum time for one transfer at any rate.
   */
  transferTimeout?: string;
  /**
   * Number of consecutive faults that open the circuit. While it is open, the relay does not ask upstream.
   */
  breakAfter?: number;
  /**
   * Time for which the circuit stays open. It doubles, up to eight times this value, while upstream keeps failing.
   */
  breakFor?: string;
  /**
   * File to which the server appends one JSON line for each write and each refusal.
   */
  auditLog?: string;
  /**
   * Minimum level of log messages: JSON lines on standard output, or text on standard error while the relay runs a command.
   */
  logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /**
   * Print JSON instead of a table.
   */
  json?: boolean;
  /**
   * Delete corrupt entries.
   */
  delete?: boolean;
  /**
   * Show what would be deleted, and delete nothing.
   */
  dryRun?: boolean;
  /**
   * Name of the token, for the logs.
   */
  name?: string;
  /**
   * Permission of the token.
   */
  scope?: 'read' | 'read-write';
  /**
   * Namespaces that the token reads, in lookup order, separated by commas. Default: the namespace that it writes.
   */
  reads?: string;
  /**
   * Lifetime of the token, such as 90d. Default: unlimited.
   */
  expires?: string;
}
