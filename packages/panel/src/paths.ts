/** Addresses of pages, in one place. */
export const paths = {
  nodes: '/nodes',
  node: (name: string) => `/nodes/${encodeURIComponent(name)}`,
  operations: '/operations',
  operation: (id: string) => `/operations/${encodeURIComponent(id)}`,
  environments: '/environments',
  environment: (name: string) => `/environments/${encodeURIComponent(name)}`,
  figures: '/figures',
  events: '/events',
  people: '/people',
  audit: '/audit',
  authority: '/authority',
  notifications: '/notifications',
  account: '/account',
  status: '/status',
  signIn: '/sign-in',
};
