import { databaseSocketFolder, postgresPort } from './places.ts';

/** psql as the superuser, on the machine's own copy of the database. */
export const psql = `runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -h ${databaseSocketFolder} -p ${postgresPort}`;

/** Line of an observing script that prints whether the machine's copy is the primary; one that does not answer is not. */
export const observePrimary = `if [ "$(${psql} -d postgres -c 'select pg_is_in_recovery()' 2>/dev/null)" = f ]; then echo primary=yes; else echo primary=no; fi`;
