/** Addresses of pages, in one place. */
export const paths = {
  nodes: '/nodes',
  node: (name: string) => `/nodes/${encodeURIComponent(name)}`,
  events: '/events',
  signIn: '/sign-in',
};
