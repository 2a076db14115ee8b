-- The service owns its database, the drill may only connect and watch, the replica may only follow.
\getenv payments_password PAYMENTS_PASSWORD
\getenv drill_password DRILL_PASSWORD
\getenv replicator_password REPLICATOR_PASSWORD
select format('create role %I login', name) from unnest(array['payments', 'drill', 'replicator']) name
  where not exists (select from pg_roles where rolname = name) \gexec
alter role replicator replication;
alter role payments password :'payments_password';
alter role drill password :'drill_password';
alter role replicator password :'replicator_password';
grant pg_monitor to payments, drill;
select 'create database payments owner payments' where not exists (select from pg_database where datname = 'payments') \gexec
