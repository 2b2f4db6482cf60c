/** What people call variables whose values nobody wants to be shown. */
const NAME = /(^|_)(PASS|SECRET|TOKEN|CREDENTIALS?|(API)?KEY|KEY_BASE)$|(PASSWORD|PASSWD|PASSPHRASE)$/i;
/** The user and the password of a URL. */
const URL_WITH_PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i;

/**
 * Whether a variable is a secret, as far as its name or value says so.
 *
 * @example
 * isSecret('PGPASSWORD'); // true
 * isSecret('PORT', '3000'); // false
 * isSecret('DATABASE_URL', 'postgres://app:s3cr3t@db/app'); // true
 */
export function isSecret(name: string, value = ''): boolean {
  return NAME.test(name) || URL_WITH_PASSWORD.test(value);
}
