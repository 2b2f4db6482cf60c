/** The date of everything built, in seconds since 1970: 2025-01-01T00:00:00Z. */
export const SOURCE_DATE_EPOCH = 1735689600;
