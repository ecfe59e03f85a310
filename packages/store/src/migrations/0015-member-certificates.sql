-- reader: 12

-- What a server says of its certificates, a list of {kind, expiresAt}: empty of servers that do not say it.
alter table members add column certificates jsonb not null default '[]';
