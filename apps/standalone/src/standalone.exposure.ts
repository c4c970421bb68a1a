/** A development issuer that other machines reach. */
export function exposureWarning(host: string): string {
  return (
    `HOST=${host} lets other machines in, and the development issuer signs tokens for anybody who asks. ` +
    'Set NODE_ENV=production or AUTH_DEV_ISSUER=false, or leave HOST at 127.0.0.1.'
  );
}

/** Is it an address that only this machine reaches? */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./i.test(address) || address === '::1';
}
