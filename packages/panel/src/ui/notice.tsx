import { Alert, type AlertProps } from '@patternfly/react-core';

/** An alert in the page. Its title is text and no heading: alerts come and go between headings of any level. */
export const Notice = (props: Omit<AlertProps, 'component'>) => <Alert component="p" {...props} />;
