export { composeMail, type ComposedMail } from './compose-mail.ts';
export { decideRetry, type FailedAttempt, type RetryDecision } from './decide-retry.ts';
export {
  askedByRules,
  isWanted,
  type NotificationRule,
  type NotifiedNode,
  type PlannedNotification,
  planNotifications,
  severityIncludes,
} from './plan-notifications.ts';
export { webhookBody } from './webhook-body.ts';
