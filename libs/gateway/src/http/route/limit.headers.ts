const whole = { type: 'integer' } as const;

/** How the docs show the headers of every answer to a limited request. */
export const limitHeaders = {
  'X-RateLimit-Limit': { description: 'How often this may be done in a window.', schema: whole },
  'X-RateLimit-Remaining': { description: 'How often it may be done now.', schema: whole },
  'X-RateLimit-Reset': { description: 'When a place gets free, in seconds since 1970.', schema: whole },
};

export const retryHeader = {
  'Retry-After': { description: 'When to come back, in seconds.', schema: whole },
};
