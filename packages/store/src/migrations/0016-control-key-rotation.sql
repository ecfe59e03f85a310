-- reader: 12

-- The key that is to follow: hosts are given both, and logins use the first until every host takes the second.
alter table control_key add column next_public_key text, add column next_sealed_key bytea;
