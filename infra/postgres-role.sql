-- The role the program connects as. `telerad migrate` grants it what it needs.
CREATE ROLE telerad LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD 'change-me-program';
