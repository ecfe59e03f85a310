-- reader: 12

-- The oldest schema that a server must know to work with the database after this migration; null where it must know this one.
alter table schema_migrations add column reader integer;

-- The newest schema that a server knows. One that does not say so yet was made before this column.
alter table members add column schema_version integer not null default 12;
